import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import { keepShell } from '../shell'
import Periksa from './Periksa.svelte'

let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
void language.use(new URLSearchParams(location.search).get('lang') ?? chosen)
keepShell('/periksa')

export default mount(Periksa, { target: document.getElementById('app')! })
