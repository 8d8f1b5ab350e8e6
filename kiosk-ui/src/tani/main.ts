import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import { keepShell } from '../shell'
import Tani from './Tani.svelte'

const asked = new URLSearchParams(location.search).get('lang')
let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
void language.use(asked ?? chosen)

keepShell('/tani')

export default mount(Tani, { target: document.getElementById('app')! })
