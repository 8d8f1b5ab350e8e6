/** Lists that the forms need, and the regency's trees; the service worker has the last ones where there is no line. */
import { getJson } from '../api/request'
import { loadOutlines } from '../data/outlines'
import type { Outlines } from '../lahan/place'
import { read, type Trees } from './map/document'
import type { Instrument, Plot, Species } from './types'

export class Known {
  species = $state.raw<Species[]>([])
  instruments = $state.raw<Instrument[]>([])
  plots = $state.raw<Plot[]>([])
  outlines = $state.raw<Outlines | null>(null)
  trees = $state.raw<Trees | null>(null)
  failed = $state(false)

  async loadLists() {
    const all = await Promise.allSettled([
      getJson<Species[]>('/api/v1/trees/species').then((s) => (this.species = s)),
      getJson<Instrument[]>('/api/v1/trees/instruments').then((i) => (this.instruments = i)),
      getJson<Plot[]>('/api/v1/trees/plots').then((p) => (this.plots = p)),
    ])
    this.failed = all.some((a) => a.status === 'rejected')
  }

  async loadOutlines() {
    this.outlines ??= await loadOutlines().catch(() => null)
  }

  /** Throws where neither the regency nor the phone has them. */
  async loadTrees() {
    const answer = await fetch('/api/v1/trees/map')
    if (!answer.ok) throw new Error(String(answer.status))
    const buffer = await answer.arrayBuffer()
    performance.mark('trees-loaded')
    this.trees = read(buffer)
  }

  /** Villages by kecamatan and name. */
  get villages(): { code: string; name: string; kecamatan: string }[] {
    const rows = (this.outlines?.features ?? []).map((f) => ({ code: String(f.id), name: f.properties.name, kecamatan: f.properties.kecamatan }))
    return rows.sort((a, b) => a.kecamatan.localeCompare(b.kecamatan, 'id') || a.name.localeCompare(b.name, 'id'))
  }
}
