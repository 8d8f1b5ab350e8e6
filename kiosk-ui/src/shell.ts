/** Lets a phone's page open without a line, by the service worker that the farmer's page and the reports' page share. */

const WORKER = '/assets/tani-sw.js'

/** After the first view, which on a slow line must not wait for it. `scope` is the page's own path. */
export function keepShell(scope: string) {
  if ('serviceWorker' in navigator) addEventListener('load', () => void keep(scope))
}

/** Where the server does not allow the wider scope, the page does without: it still keeps its last answers. */
async function keep(scope: string) {
  try {
    const answer = await fetch(WORKER, { cache: 'no-cache' })
    if (answer.ok && answer.headers.has('Service-Worker-Allowed')) {
      await navigator.serviceWorker.register(WORKER, { scope })
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
  active?.postMessage({ keep: files.filter((path) => path.startsWith('/assets/') && path !== WORKER) })
}
