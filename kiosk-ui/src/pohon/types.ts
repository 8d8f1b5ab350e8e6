/** What the API says of trees. */
import type { Text } from '../api/types'

export interface Species {
  name: string
  latin: string
  title: Text
  local: string[]
}

export interface Instrument {
  kind: 'height' | 'collar' | 'dbh'
  name: string
  title: Text
  unit: string
}

export interface Plot {
  id: string
  village: string
  name: string
}

export interface Stock {
  above_kg: number
  interval_95: [number, number]
  carbon_kg: number
  oxygen_kg: number
  note: Text
}

export interface Tree {
  code: string
  village: string
  species: string
  species_title: Text
  said: string
  latitude: number | null
  longitude: number | null
  accuracy: number | null
  planter: string | null
  planted: string
  height: number | null
  dbh: number | null
  status: string
  since: string
  growth: { kind?: string; unit?: string; grew?: number }
  replaces: string
  replaced_by: string
  stock: Stock | null
  history: { status: string; at: string }[]
}

export interface ToVisit {
  code: string
  species: string
  said: string
  latitude: number | null
  longitude: number | null
  planted: string
  status: string
  height: number | null
  visited: string | null
}

export interface Reason {
  code: string
  clause: string
  text: Text
}

export interface VisitAnswer {
  id: string
  tree: string
  accepted: boolean
  status: string
  reasons: Reason[]
}

export interface Standing {
  key: string
  title: string
  planted: number
  ditanam: number
  hidup: number
  tumbuh: number
  mati: number
  diganti: number
  seen: number
  survival: number | null
  first: string | null
  last: string | null
}

export const STATUSES = ['ditanam', 'hidup', 'tumbuh', 'mati', 'diganti']
