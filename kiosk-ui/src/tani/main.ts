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
void language.use(asked ?? chosen)

// After the first view, which on a slow line must not wait for it.
if ('serviceWorker' in navigator) addEventListener('load', () => void keepShell())

/** Where the server does not allow the wider scope, the page does without: it still keeps its last answers. */
async function keepShell() {
  const worker = '/assets/tani-sw.js'
  try {
    const answer = await fetch(worker, { cache: 'no-cache' })
    if (answer.ok && answer.headers.has('Service-Worker-Allowed')) {
      await navigator.serviceWorker.register(worker, { scope: '/tani' })
      await keepOpened()
    }
  } catch {
    // no line: a worker that was registered before is at work already
  }
}

/** What was fetched before the worker was at work, the chosen language too, is kept as well: one visit is enough to open without a line. */
async function keepOpened() {
  const { active } = await navigator.serviceWorker.ready
  const files = performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)
  active?.postMessage({ keep: files.filter((path) => path.startsWith('/assets/') && path !== '/assets/tani-sw.js') })
}

export default mount(Tani, { target: document.getElementById('app')! })
