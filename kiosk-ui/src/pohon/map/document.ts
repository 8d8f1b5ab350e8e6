/** The regency's trees as columns, out of the map document (cloud/…/trees/map_document.py). */

export interface Trees {
  n: number
  /** registered, but of no place yet */
  placeless: number
  x: Uint16Array
  y: Uint16Array
  species: Uint8Array
  status: Uint8Array
  village: Uint16Array
  west: number
  south: number
  step: number
  speciesNames: string[]
  statuses: string[]
  villages: string[]
}

/** Throws `RangeError` for bytes that are none. */
export function read(buffer: ArrayBuffer): Trees {
  const bytes = new Uint8Array(buffer)
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== 'KPT1') throw new RangeError('not a map document')
  const size = new DataView(buffer).getUint32(4, true)
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)))
  const n: number = head.n
  if (bytes.length < 8 + size + 8 * n) throw new RangeError('a map document that ends early')
  const column = (i: number) => bytes.subarray(8 + size + i * n, 8 + size + (i + 1) * n)
  const joined = (low: Uint8Array, high: Uint8Array) => {
    const out = new Uint16Array(n)
    let sum = 0
    for (let i = 0; i < n; i++) out[i] = sum = (sum + (low[i]! | (high[i]! << 8))) & 0xffff
    return out
  }
  return {
    n,
    placeless: head.placeless,
    x: joined(column(0), column(1)),
    y: joined(column(2), column(3)),
    species: column(4),
    status: column(5),
    village: joined(column(6), column(7)),
    west: head.west,
    south: head.south,
    step: head.step,
    speciesNames: head.species,
    statuses: head.statuses,
    villages: head.villages,
  }
}

export interface Filter {
  /** a name of the list, `lain` for those outside it; empty for all */
  species: string
  status: string
  /** a code; empty for all */
  village: string
}

/** The trees that a filter lets pass, by their place in the columns. */
export function chosen(trees: Trees, filter: Filter): Uint32Array {
  const kind = filter.species === '' ? -1 : filter.species === 'lain' ? 255 : trees.speciesNames.indexOf(filter.species)
  const status = filter.status === '' ? -1 : trees.statuses.indexOf(filter.status)
  const village = filter.village === '' ? -1 : trees.villages.indexOf(filter.village)
  const out = new Uint32Array(trees.n)
  let count = 0
  for (let i = 0; i < trees.n; i++) {
    if (kind >= 0 && trees.species[i] !== kind) continue
    if (status >= 0 && trees.status[i] !== status) continue
    if (village >= 0 && trees.village[i] !== village) continue
    out[count++] = i
  }
  return out.subarray(0, count)
}
