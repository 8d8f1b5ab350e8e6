/** What registering a field knows before it asks: crops, soils, sensors, and the fields that are there. */
import type { Series, Text } from '../api/types'

export interface CropChoice {
  name: string
  title: Text
  /** sown and harvested within a year: it has a planting date */
  annual: boolean
  /** what is assumed where no table has the crop; empty for most */
  weak: Text
}

export interface SoilChoice {
  name: string
  title: Text
  /** how it feels in the hand */
  hand: Text
}

/** A registered field as the village's kiosks and its own farmer know it; `area` in m², `flow` in L/s. */
export interface KnownField {
  id: string
  name: string
  crop: string
  variety: string
  texture: string
  area: number
  flow: number | null
  latitude: number
  longitude: number
  planted: string | null
  direct: boolean
  sensors: { series: string; since: string }[]
  told?: number
}

export interface Given {
  crops: CropChoice[]
  soils: SoilChoice[]
  series: Series[]
  /** in which field a series stands now */
  taken: Record<string, { field: string; name: string; since: string }>
}

/** A sensor as a farmer sees it: a device with all it measures of the field. */
export interface Sensor {
  device: string
  title: string
  series: string[]
  quantities: string[]
}

/** What the rules of a field look at. */
const OF_A_FIELD = ['soil_moisture', 'soil_temperature', 'soil_conductivity', 'soil_ph', 'water_level']

/** Devices that can stand in a field, those with a soil probe first. */
export function sensors(series: Series[]): Sensor[] {
  const byDevice = new Map<string, Sensor>()
  for (const s of series) {
    if (!OF_A_FIELD.includes(s.quantity)) continue
    const key = s.id.slice(0, s.id.lastIndexOf('.'))
    const found = byDevice.get(key) ?? { device: key, title: s.title ?? key, series: [], quantities: [] }
    found.series.push(s.id)
    found.quantities.push(s.quantity)
    byDevice.set(key, found)
  }
  const soil = (s: Sensor) => (s.quantities.includes('soil_moisture') ? 0 : 1)
  return [...byDevice.values()].sort((a, b) => soil(a) - soil(b) || a.title.localeCompare(b.title, 'id'))
}

/** Of registered fields: which series stands where. */
export const takenBy = (fields: KnownField[]): Given['taken'] =>
  Object.fromEntries(fields.flatMap((f) => f.sensors.map((s) => [s.series, { field: f.id, name: f.name, since: s.since }])))
