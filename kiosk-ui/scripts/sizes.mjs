// What each page transfers when first opened, gzip, and a limit for the farmer's phone.
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../kampung_ui/dist/', import.meta.url))
const LIMITS = { tani: 150_000 }
const gzip = (file) => gzipSync(readFileSync(dist + file)).length

for (const page of ['kiosk', 'tani', 'lapor', 'kabupaten', 'petugas', 'pohon', 'terbuka', 'tinjau', 'udara', 'periksa', 'antrian', 'loket']) {
  const html = readFileSync(`${dist}${page}.html`, 'utf8')
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((m) => m[1])
  const fonts = readdirSync(`${dist}assets`).filter((f) => f.startsWith('plus-jakarta') && f.endsWith('.woff2')).map((f) => `assets/${f}`)
  const code = files.reduce((sum, f) => sum + gzip(f), gzip(`${page}.html`))
  const type = fonts.reduce((sum, f) => sum + statSync(dist + f).size, 0)
  console.log(`${page}: ${code} bytes of page, code and style (gzip) + ${type} of type = ${code + type}`)
  if (LIMITS[page] && code + type > LIMITS[page]) throw new Error(`${page} is ${code + type} bytes, the limit is ${LIMITS[page]}`)
}
