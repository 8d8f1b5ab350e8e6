// Makes the simplified village outlines the regency map draws. Input and origin: data/SOURCES.md.
import { mkdirSync, readFileSync, writeFileSync, existsSync, statSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { topology } from 'topojson-server'
import { presimplify, quantile, simplify } from 'topojson-simplify'
import { quantize } from 'topojson-client'

const source = fileURLToPath(new URL('../data/banyuwangi_desa.geojson', import.meta.url))
const target = fileURLToPath(new URL('../.generated/banyuwangi_desa.topo.json', import.meta.url))
const LIMIT_BYTES = 150_000
const KEEP = 0.28 // share of the points that stay: what a 900-pixel map can still show

if (!existsSync(target) || statSync(target).mtimeMs < Math.max(statSync(source).mtimeMs, statSync(fileURLToPath(import.meta.url)).mtimeMs)) {
  const villages = JSON.parse(readFileSync(source, 'utf8'))
  for (const feature of villages.features) {
    const { code, name, type, kecamatan } = feature.properties
    feature.id = code
    feature.properties = { name, type, kecamatan }
  }
  const weighted = presimplify(topology({ desa: villages }, 1e5))
  const outlines = quantize(simplify(weighted, quantile(weighted, KEEP)), 2e4)
  outlines.source = `${villages.source}, ${villages.license}`
  const text = JSON.stringify(outlines)
  if (text.length > LIMIT_BYTES) throw new Error(`outlines are ${text.length} bytes, the limit is ${LIMIT_BYTES}: lower KEEP in scripts/outlines.mjs`)
  mkdirSync(fileURLToPath(new URL('../.generated/', import.meta.url)), { recursive: true })
  writeFileSync(target, text)
  console.log(`outlines: ${villages.features.length} villages, ${text.length} bytes, ${gzipSync(text).length} gzip`)
}
