/** Which quantity belongs behind which door, and in which order the attract screen shows it. Data, not logic. */
import type { Series } from '../api/types'

export type Door =
  | 'layanan'
  | 'kesehatan'
  | 'pendidikan'
  | 'ekonomi'
  | 'kemiskinan'
  | 'informasi'
  | 'tatakelola'
  | 'pertanian'
  | 'lingkungan'

interface Place {
  /** a quantity, or the beginning of one ending in `*` */
  quantity: string
  door: Door | null
  icon: string
  /** lower comes first on the attract screen */
  order: number
}

const PLACES: Place[] = [
  { quantity: 'water_level', door: 'lingkungan', icon: 'waves', order: 1 },
  { quantity: 'sea_level', door: 'lingkungan', icon: 'waves', order: 2 },
  { quantity: 'rain*', door: 'lingkungan', icon: 'rain', order: 3 },
  { quantity: 'air_temperature', door: 'lingkungan', icon: 'thermometer', order: 4 },
  { quantity: 'soil_moisture', door: 'pertanian', icon: 'sprout', order: 5 },
  { quantity: 'pm25', door: 'lingkungan', icon: 'air', order: 6 },
  { quantity: 'pm25_corrected', door: 'lingkungan', icon: 'air', order: 6.5 },
  { quantity: 'so2', door: 'lingkungan', icon: 'air', order: 7.5 },
  { quantity: 'pm10', door: 'lingkungan', icon: 'air', order: 7 },
  { quantity: 'relative_humidity', door: 'lingkungan', icon: 'droplets', order: 8 },
  { quantity: 'soil_*', door: 'pertanian', icon: 'sprout', order: 9 },
  { quantity: 'wind*', door: 'lingkungan', icon: 'wind', order: 10 },
  { quantity: 'distance', door: null, icon: 'gauge', order: 99 },
  { quantity: 'supply_voltage', door: null, icon: 'gauge', order: 99 },
  { quantity: 'battery*', door: null, icon: 'gauge', order: 99 },
]
const ELSEWHERE: Place = { quantity: '*', door: 'lingkungan', icon: 'gauge', order: 50 }

export function place(quantity: string): Place {
  return (
    PLACES.find((p) => (p.quantity.endsWith('*') ? quantity.startsWith(p.quantity.slice(0, -1)) : p.quantity === quantity)) ?? ELSEWHERE
  )
}

export function behind(door: Door, series: Series[]): Series[] {
  return series
    .filter((s) => place(s.quantity).door === door)
    .sort((a, b) => place(a.quantity).order - place(b.quantity).order || a.id.localeCompare(b.id))
}

/** The lines of "hari ini di sini": one of each quantity first, then what is left, `count` in all. */
export function todayHere(series: Series[], count: number): Series[] {
  const shown = series
    .filter((s) => place(s.quantity).door !== null)
    .sort((a, b) => place(a.quantity).order - place(b.quantity).order || a.id.localeCompare(b.id))
  const first = shown.filter((s, i) => shown.findIndex((other) => other.quantity === s.quantity) === i)
  const rest = shown.filter((s) => !first.includes(s))
  return [...first, ...rest].slice(0, count).sort((a, b) => place(a.quantity).order - place(b.quantity).order)
}
