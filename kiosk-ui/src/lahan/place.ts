/** Where a point lies among the villages' outlines. Planar: a village is a few kilometres wide. */
import type { FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import type { Named } from '../components/names'
import type { Problem } from './draft'

export type Outlines = FeatureCollection<Polygon | MultiPolygon, Named>

function inRing(ring: Position[], x: number, y: number): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const [xi, yi] = ring[i] as [number, number]
    const [xj, yj] = ring[j] as [number, number]
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
  }
  return inside
}

/** The village whose outline holds the point; null outside all of them. */
export function villageAt(outlines: Outlines, latitude: number, longitude: number): { code: string; name: string } | null {
  for (const feature of outlines.features) {
    const polygons = feature.geometry.type === 'Polygon' ? [feature.geometry.coordinates] : feature.geometry.coordinates
    const within = polygons.some(([outer, ...holes]) => inRing(outer!, longitude, latitude) && !holes.some((h) => inRing(h, longitude, latitude)))
    if (within) return { code: String(feature.id), name: feature.properties.name }
  }
  return null
}

/** What is wrong with a point for the village; any village will do where none is named. Without outlines the regency judges. */
export function wrongPlace(outlines: Outlines | null, village: string | null, latitude: number, longitude: number): Problem {
  if (!outlines) return null
  const found = villageAt(outlines, latitude, longitude)
  if (!found) return { key: 'lahan.wrong.outside' }
  if (village !== null && found.code !== village) return { key: 'lahan.wrong.elsewhere', values: { name: found.name } }
  return null
}
