import { mount } from 'svelte'
import '../styles/base.css'
import './forms.css'
import { language } from '../language.svelte'
import '../harga/words'
import './words'
import './residents/words'
import Petugas from './Petugas.svelte'

let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
await language.use(new URLSearchParams(location.search).get('lang') ?? chosen)

export default mount(Petugas, { target: document.getElementById('app')! })
