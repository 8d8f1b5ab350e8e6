// Lets a phone's page (the farmer's, and that of reports) open without a line: the page from the network first, its hashed files from the store first.
// Answers of the API are kept by the page itself, with their age. Needs the header `Service-Worker-Allowed: /`.
const PAGE = new URL(self.registration.scope).pathname
const STORE = `${PAGE.slice(1)}-1`
const MOST = 40

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (url.pathname === PAGE) event.respondWith(page(event.request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(event.request))
})

// A page's first visit: what it had fetched before there was a worker. The browser has it still, so nothing is transferred twice.
self.addEventListener('message', (event) => {
  if (Array.isArray(event.data?.keep)) event.waitUntil(keep(event.data.keep))
})

async function keep(paths) {
  const store = await caches.open(STORE)
  const missing = []
  for (const path of [PAGE, ...paths]) if (!(await store.match(path))) missing.push(path)
  await Promise.allSettled(missing.map((path) => store.add(path)))
}

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

// Warnings that the regency pushes, shown also while the page is closed. One note a message: what comes twice takes its own place.
self.addEventListener('push', (event) => {
  let said = {}
  try {
    said = event.data ? event.data.json() : {}
  } catch {
    // a browser asks for a note whatever came
  }
  const title = said.title || 'Smart Kampung'
  const grave = said.severity >= 3
  const options = {
    body: said.text || 'Ada kabar baru. Sentuh untuk membuka.',
    tag: said.tag || 'tani',
    lang: said.language || 'id',
    timestamp: said.at,
    requireInteraction: grave,
    vibrate: grave ? [400, 150, 400, 150, 400] : [200],
    data: { url: PAGE + (said.village ? `?village=${encodeURIComponent(said.village)}` : '') },
  }
  event.waitUntil(self.registration.showNotification(title, options))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data?.url || PAGE))
})

async function open(url) {
  const pages = await self.clients.matchAll({ type: 'window' })
  const there = pages.find((page) => new URL(page.url).pathname === PAGE)
  return there ? there.focus() : self.clients.openWindow(url)
}
