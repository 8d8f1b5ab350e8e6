/** What part of the map is shown, and the trees in it: single ones, or gathered by cells so that no picture has more than it can show. */
import type { Trees } from './document'

export interface View {
  /** the middle, in steps of the document */
  x: number
  y: number
  /** CSS pixels a step */
  scale: number
}

export interface Cluster {
  /** pixels from the upper left corner */
  px: number
  py: number
  count: number
  /** by status */
  of: number[]
  /** its tree, where it is one */
  index: number
}

export const CELL_PX = 56
/** From this scale on trees stand by themselves: some 35 pixels are 100 metres then. */
export const SINGLE_SCALE = 0.6
const MOST_SINGLE = 6_000

export const fit = (west: number, south: number, east: number, north: number, width: number, height: number): View => ({
  x: (west + east) / 2,
  y: (south + north) / 2,
  scale: Math.min(width / Math.max(1, east - west), height / Math.max(1, north - south)) * 0.94,
})

/** Zoom by a factor while the point under (px, py) stays where it is. */
export function zoomed(view: View, factor: number, px: number, py: number, width: number, height: number): View {
  const scale = Math.min(3, Math.max(0.005, view.scale * factor))
  const x = view.x + (px - width / 2) / view.scale
  const y = view.y - (py - height / 2) / view.scale
  return { scale, x: x - (px - width / 2) / scale, y: y + (py - height / 2) / scale }
}

/** Trees in view. Cells lie on the ground, not on the screen: dragging does not shuffle them. */
export function gather(trees: Trees, chosen: Uint32Array, view: View, width: number, height: number): Cluster[] {
  const left = view.x - width / 2 / view.scale
  const top = view.y + height / 2 / view.scale
  const right = left + width / view.scale
  const bottom = top - height / view.scale
  const cell = view.scale >= SINGLE_SCALE ? 1 : 2 ** Math.ceil(Math.log2(CELL_PX / view.scale))
  const columns = Math.ceil(65_536 / cell) + 1
  const cells = new Map<number, { n: number; x: number; y: number; of: number[]; index: number }>()
  const { x, y, status } = trees
  for (let at = 0; at < chosen.length; at++) {
    const i = chosen[at]!
    const tx = x[i]!
    const ty = y[i]!
    if (tx < left - cell || tx > right + cell || ty < bottom - cell || ty > top + cell) continue
    const key = Math.floor(ty / cell) * columns + Math.floor(tx / cell)
    let found = cells.get(key)
    if (!found) cells.set(key, (found = { n: 0, x: 0, y: 0, of: [0, 0, 0, 0, 0], index: i }))
    found.n += 1
    found.x += tx
    found.y += ty
    found.of[status[i]!]! += 1
    if (cell === 1 && cells.size > MOST_SINGLE) break
  }
  return [...cells.values()].map((c) => ({
    px: (c.x / c.n - left) * view.scale,
    py: (top - c.y / c.n) * view.scale,
    count: c.n,
    of: c.of,
    index: c.index,
  }))
}
