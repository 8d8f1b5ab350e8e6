/** Residents as the API tells of them. */

export interface Law {
  code: string
  title: string
  source: string
  mark: string
  hours: number | null
  basis: string | null
}

export interface Line {
  id: number
  village: string
  village_name: string
  name: string
  sex: 'L' | 'P' | ''
  born: string | null
  birthplace: string
  hamlet: string
  rt: string
  rw: string
  relation: string
  state: 'tinggal' | 'pindah' | 'meninggal' | 'hilang'
  nik: string
  doubts: string[]
}

export interface Doubt {
  code: string
  words: string
}

export interface Happened {
  kind: string
  day: string
  note: string
  fields: string[]
  by: string
  at: string
}

export interface Resident extends Line {
  kk: string
  family: number | null
  address: string
  first: string | null
  contacts: Record<string, string>
  details: Record<string, string>
  wondered: Doubt[]
  events: Happened[]
}

export interface Family {
  id: number
  village: string
  kk: string
  address: string
  wondered: Doubt[]
  members: Line[]
}

export interface Reading {
  n: number
  at: string
  actor: string
  name: string
  purpose: string
  purpose_title: string
  what: string
  resident: number | null
  detail: string
}

export interface Readers {
  resident: number
  name: string
  readings: Reading[]
  lines: number
  last: string
}

export interface Asked {
  id: number
  resident: number
  name: string
  kind: string
  title: string
  text: string
  answer: string | null
  state: 'open' | 'done' | 'refused'
  received: string
  due: string
  closed: string | null
  late: boolean
}

export interface Import {
  id: string
  village: string
  file: string
  state: 'read' | 'taking' | 'done' | 'given_up'
  lines: number
  taken: number
  mapping: Record<string, string>
  columns: { place: number; head: string; samples: string[] }[]
  good: number | null
  wrong: number | null
  doubtful: number | null
  problems: { line: number; column: string; words: string; grave: boolean }[]
  more: number
  became: Record<string, number>
  by: string
  at: string
}
