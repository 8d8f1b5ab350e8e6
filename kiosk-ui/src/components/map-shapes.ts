/** Outlines as paths of an SVG, and which of them lies in the direction of an arrow key. */
import { geoIdentity, geoPath } from 'd3-geo'
import type { FeatureCollection, MultiPolygon, Polygon } from 'geojson'
import type { Named } from './names'

export type Outlines = FeatureCollection<Polygon | MultiPolygon, Named>

export const WIDTH = 560
export const HEIGHT = 660

export interface Shape extends Named {
  code: string
  d: string
  x: number
  y: number
}

export interface Drawn {
  shapes: Shape[]
  /** degrees (longitude, latitude) to the SVG's units, and back */
  at: (point: [number, number]) => [number, number]
  from: (point: [number, number]) => [number, number]
}

/** Planar, because at 8° south a degree of longitude is 0.99 of a degree of latitude; and winding cannot go wrong. */
export function draw(outlines: Outlines, fit: Outlines = outlines): Drawn {
  const projection = geoIdentity().reflectY(true).fitExtent([[6, 6], [WIDTH - 6, HEIGHT - 6]], fit)
  const path = geoPath(projection)
  const shapes = outlines.features.map((feature) => {
    const [x, y] = path.centroid(feature)
    return { code: String(feature.id), ...feature.properties, d: path(feature) ?? '', x, y }
  })
  const there = projection as unknown as { (p: [number, number]): [number, number]; invert(p: [number, number]): [number, number] }
  return { shapes, at: (point) => there(point), from: (point) => there.invert(point) }
}

const DIRECTIONS: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }

/** The nearest one within 60° of the arrow; null where there is none, undefined where the key is no arrow. */
export function toward(shapes: Shape[], from: Shape, key: string): string | null | undefined {
  const direction = DIRECTIONS[key]
  if (!direction) return undefined
  let best: string | null = null
  let least = Infinity
  for (const s of shapes) {
    const dx = s.x - from.x
    const dy = s.y - from.y
    const along = dx * direction[0] + dy * direction[1]
    const distance = Math.hypot(dx, dy)
    if (along < distance / 2 || distance === 0) continue
    if (distance < least) {
      least = distance
      best = s.code
    }
  }
  return best
}
