import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import { loadAll } from '../messages/registry'
import Tinjau from './Tinjau.svelte'

import.meta.glob('../**/words.ts', { eager: true }) // every domain's words are read here
await loadAll()
await language.use(new URLSearchParams(location.search).get('lang'))

export default mount(Tinjau, { target: document.getElementById('app')! })
