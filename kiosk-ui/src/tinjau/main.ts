import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import { loadAll } from '../messages/registry'
import Tinjau from './Tinjau.svelte'

await loadAll()
await language.use(new URLSearchParams(location.search).get('lang'))

export default mount(Tinjau, { target: document.getElementById('app')! })
