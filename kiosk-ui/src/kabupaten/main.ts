import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import Kabupaten from './Kabupaten.svelte'

let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
await language.use(new URLSearchParams(location.search).get('lang') ?? chosen)

export default mount(Kabupaten, { target: document.getElementById('app')! })
