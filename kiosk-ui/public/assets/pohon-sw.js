// Lets the trees' page open without a line: the page from the network first, its hashed files and the map document from the store where
// there is no line. What waits to be sent is not here but in the page's own store. Needs the header `Service-Worker-Allowed: /`.
const STORE = 'pohon-1'
const PAGE = '/pohon'
const KEPT = ['/api/v1/trees/map', '/api/v1/trees/species', '/api/v1/trees/instruments', '/api/v1/trees/plots', '/api/v1/trees/standing']
const MOST = 60

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname === PAGE || url.pathname.startsWith(`${PAGE}/`)) event.respondWith(fresh(event.request, PAGE))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(event.request))
  else if (KEPT.includes(url.pathname)) event.respondWith(fresh(event.request, url.pathname + url.search))
})

self.addEventListener('message', (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keep(event.data.keep))
})

async function keep(paths) {
  const store = await caches.open(STORE)
  const missing = []
  for (const path of [PAGE, ...KEPT.slice(0, 4), ...paths]) if (!(await store.match(path))) missing.push(path)
  await Promise.allSettled(missing.map((path) => store.add(path)))
}

async function fresh(request, key) {
  const store = await caches.open(STORE)
  try {
    const answer = await fetch(request)
    if (answer.ok) await store.put(key, answer.clone())
    return answer
  } catch (error) {
    const kept = await store.match(key)
    if (kept) return kept
    throw error
  }
}

async function asset(request) {
  const store = await caches.open(STORE)
  const kept = await store.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    await store.put(request, answer.clone())
    const keys = (await store.keys()).filter((k) => new URL(k.url).pathname.startsWith('/assets/'))
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((k) => store.delete(k)))
  }
  return answer
}
