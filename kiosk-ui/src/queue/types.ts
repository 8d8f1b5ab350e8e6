/** The queue as the kiosk's edge tells it (`/api/queue`). Times are ISO texts of the kiosk's clock. */
export interface Called {
  n: number
  number: string
  counter: number
  at: string
  again: boolean
}

export interface Board {
  village: { name: string; type: string; kecamatan: string }
  day: string
  at: string
  /** how many calls there were of all */
  calls: number
  waiting: number
  /** no number is given any more today */
  closed: boolean
  /** nobody real takes numbers here */
  simulated: boolean
  lines: { letter: string; title: string; waiting: number }[]
  counters: { counter: number; number: string | null; state: 'called' | 'serving' | null }[]
  /** the newest first */
  recent: Called[]
}

export interface Row {
  number: string
  line: string
  title: string
  priority: boolean
  state: 'waiting' | 'called' | 'serving' | 'served' | 'absent' | 'left'
  taken: string
  called: string | null
  began: string | null
  calls: number
  doubtful: boolean
}

export interface DayFigures {
  served: number
  absent: number
  /** median minutes until the call */
  wait: number | null
}

/** What a counter sees. */
export interface Desk extends Board {
  counter: number
  calls_from: string[]
  here: Row | null
  next: Row[]
  absent: Row[]
  mine: DayFigures
  all: DayFigures
}

/** A ticket as its taker is told. */
export interface Slip {
  token: string
  number: string
  line: string
  title: string
  priority: boolean
  state: Row['state']
  counter: number | null
  taken: string
  before: number
  /** minutes, null while nobody can tell */
  wait: number | null
}
