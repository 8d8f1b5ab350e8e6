/** The air as the cloud tells it, at its API and in the kiosks' documents `air` and `volcano`. */
import type { Origin } from '../api/types'

export interface Coloured {
  colour: string
  hex: string
  /** text that can be read on it */
  ink: string
}

export interface Index extends Coloured {
  index: number
  /** the index, or >400 */
  text: string
  category: string
}

export interface FullIndex extends Index {
  meaning: string
  advice: { everybody: string; sensitive: string }
}

export interface Parameter {
  pollutant: string
  title: string
  series: string
  /** µg/m³ over `hours` of 24; null with fewer than 18 */
  mean: number | null
  /** as measured, where `mean` is corrected by `method` */
  raw: number | null
  hours: number
  method: string
  ispu: Index | null
  doubt: { share: number; why: 'wet' | 'doubted' } | null
}

/** The end of an hour or the first moment of a day, ms UTC. */
export interface Point {
  t: number
  index: number | null
  category: string | null
  hex: string | null
}

export interface Heat {
  at: string
  temperature: number
  humidity: number
  felt: number
  category: string
  title: string
  advice: string
  wbgt: number
  method: string
  work: { load: string; category: string; advice: string }[]
}

export interface Air {
  id: string
  village: string
  title: string
  origin: Origin
  crater: string | null
  at: string
  ispu: FullIndex | null
  critical: string | null
  missing: { hours: number; needed: number } | null
  parameters: Parameter[]
  dust_hour: ({ mean: number; category: string } & Coloured) | null
}

export interface StationAir extends Air {
  hours: Point[]
  days: Point[]
  heat: Heat | null
  light: { at: string; index: number; category: string; colour: string; advice: string } | null
  noise: { lsm: number; ls: number; lm: number; limit: number; area: string; category: string; from: string } | null
}

export interface AirDocument {
  at: string
  stations: StationAir[]
}

export interface Notice {
  code: string
  name: string
  /** 1 Normal, 2 Waspada, 3 Siaga, 4 Awas */
  level: number
  word: string
  roman: string
  period: string
  /** when PVMBG's report ends */
  reported: string
  fetched: string
  recommendations: string[]
  /** those recommendations that name a radius, word for word */
  radius: string[]
  author: string
  url: string
  simulated: boolean
}

export interface VolcanoDocument {
  stale_hours: number
  notices: Notice[]
}
