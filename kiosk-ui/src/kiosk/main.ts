import { mount } from 'svelte'
import '../styles/base.css'
import { loadAll } from '../messages/registry'
import Kiosk from './Kiosk.svelte'

await loadAll()

export default mount(Kiosk, { target: document.getElementById('app')! })
