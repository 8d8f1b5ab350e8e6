/** Rivers as kiosks get them (the document `rivers`) and as the regency's API shows them. */
import type { Text } from '../api/types'

export interface Amount {
  mm: number
  kind: string
  word: string
}

/** The gauge upstream, as the kiosk of the village below knows it. */
export interface Coming {
  gauge: string
  place: string
  river: string
  eta: Text
  ordinal: number | null
  silent: boolean
  radio: string | null
  marks: number[]
  level?: number
  at?: string
  first?: string | null
  last?: string | null
}

export interface KioskGauge {
  id: string
  kind: 'river' | 'coast'
  river: string
  place: string
  series: string
  second: string | null
  marks: number[]
  bank_full: number | null
  proposed: boolean
  begins: string | null
  upstream: Coming[]
}

export interface RiversDocument {
  gauges: KioskGauge[]
  rain: { today: Amount; closes: string; before: Amount | null; hour: (Amount & { at: string }) | null } | null
  slopes: { names: string[]; severity: number; index: number | null } | null
}

export interface Way {
  gauge: string
  place: string
  minutes: [number, number]
  source: string
  eta: Text
  ordinal: number | null
  silent: boolean
  radio: string | null
  heard_by: 'radio' | 'regency'
  crossed: string | null
  first: string | null
  last: string | null
}

export interface Gauge {
  id: string
  kind: 'river' | 'coast'
  river: string
  village: string
  village_name: string
  place: string
  order: number
  series: string
  second: string | null
  marks: number[]
  bank_full: number | null
  proposed: boolean
  source: string
  newest: { at: string; level: number } | null
  silent: boolean
  age: number | null
  ordinal: number | null
  siaga: string
  word: string
  rate: number | null
  rise: number | null
  trend: 'rising' | 'falling' | 'steady' | null
  fast: boolean
  next_level: number | null
  minutes: number | null
  certainty: 'observed' | 'likely' | 'doubted'
  second_level: number | null
  breaks: { at: string; note: string; shift: number | null }[]
  upstream: Way[]
  tail: [number, number][]
}

export interface River {
  name: string
  gauges: Gauge[]
}

export interface Learnt {
  gauge: string
  configured: [number, number]
  least: number | null
  most: number | null
  events: number
}

export interface Tide {
  mean: number | null
  residual: number | null
  days: number
  amplitudes: Record<string, number>
  t: number[]
  level: number[]
  why: string
}

export interface Rain {
  village: string
  series: string
  newest: string | null
  left_out: number
  closes: string
  days: (Amount & { day: string; known: number })[]
  hours: (Amount & { t: number })[]
  danger: {
    index: number
    severity: number
    word: string
    terms: { rule: string; fell: number; warns: number; ratio: number }[]
    warns: boolean
    why: string
  }
  source: string
}

export interface Slope {
  id: number
  village: string
  village_name: string
  name: string
  latitude: number
  longitude: number
  note: string
  by: string
  at: string
  warns: boolean
}
