import { mount } from 'svelte'
import '../styles/base.css'
import '../petugas/forms.css'
import { language } from '../language.svelte'
import './words'
import Pohon from './Pohon.svelte'

let chosen: string | null = null
try {
  chosen = localStorage.getItem('language')
} catch {
  // no store: Indonesian
}
void language.use(new URLSearchParams(location.search).get('lang') ?? chosen)

if ('serviceWorker' in navigator) addEventListener('load', () => void keepShell())

/** After one visit the page opens without a line. Where the server does not allow the scope, it does without. */
async function keepShell() {
  const worker = '/assets/pohon-sw.js'
  try {
    await navigator.serviceWorker.register(worker, { scope: '/pohon' })
    const { active } = await navigator.serviceWorker.ready
    const files = performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname)
    active?.postMessage({ keep: files.filter((path) => path.startsWith('/assets/') && path !== worker) })
  } catch {
    // no line: a worker that was registered before is at work already
  }
}

export default mount(Pohon, { target: document.getElementById('app')! })
