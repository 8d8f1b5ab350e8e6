import { mount } from 'svelte'
import '../styles/base.css'
import { language } from '../language.svelte'
import Tani from './Tani.svelte'

const asked = new URLSearchParams(location.search).get('lang')
let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
language.use(asked ?? chosen)

if ('serviceWorker' in navigator) {
  void keepShell()
}

/** Where the server does not allow the wider scope, the page does without: it still keeps its last answers. */
async function keepShell() {
  const worker = '/assets/tani-sw.js'
  try {
    const answer = await fetch(worker, { cache: 'no-cache' })
    if (answer.ok && answer.headers.has('Service-Worker-Allowed')) await navigator.serviceWorker.register(worker, { scope: '/tani' })
  } catch {
    // no line: a worker that was registered before is at work already
  }
}

export default mount(Tani, { target: document.getElementById('app')! })
