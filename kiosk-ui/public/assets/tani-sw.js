// Lets the farmer's page open without a line: the page from the network first, its hashed files from the store first.
// Answers of the API are kept by the page itself, with their age. Needs the header `Service-Worker-Allowed: /`.
const STORE = 'tani-1'
const PAGE = '/tani'
const MOST = 40

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname === PAGE) event.respondWith(page(event.request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(event.request))
})

async function page(request) {
  const store = await caches.open(STORE)
  try {
    const fresh = await fetch(request)
    if (fresh.ok) await store.put(PAGE, fresh.clone())
    return fresh
  } catch (error) {
    const kept = await store.match(PAGE)
    if (kept) return kept
    throw error
  }
}

async function asset(request) {
  const store = await caches.open(STORE)
  const kept = await store.match(request)
  if (kept) return kept
  const fresh = await fetch(request)
  if (fresh.ok) {
    await store.put(request, fresh.clone())
    const keys = (await store.keys()).filter((k) => new URL(k.url).pathname !== PAGE)
    await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST)).map((k) => store.delete(k)))
  }
  return fresh
}
