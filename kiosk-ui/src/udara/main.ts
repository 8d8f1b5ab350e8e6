import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import Udara from './Udara.svelte'

let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
await language.use(new URLSearchParams(location.search).get('lang') ?? chosen)

export default mount(Udara, { target: document.getElementById('app')! })
