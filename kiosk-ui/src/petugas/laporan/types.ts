/** Shapes of the API's reports as staff see them. */

export type Status = 'received' | 'checking' | 'handling' | 'done' | 'rejected' | 'merged'

export interface Report {
  id: number
  ticket: string
  village: string
  kind: string
  title: string
  text: string
  spot: string
  latitude: number | null
  longitude: number | null
  accuracy: number | null
  origin: string
  at: string
  status: Status
  word: string
  since: string
  deadline: string | null
  /** milliseconds, negative when late, null when closed */
  left: number | null
  level: 0 | 1 | 2
  handler: string | null
  into: number | null
  photo: boolean
  released: boolean
  contact: boolean
}

export interface Step {
  at: string
  kind: string
  by: string | null
  status: Status | null
  word: string | null
  note: string
  public: boolean
  body: Record<string, unknown>
}

export interface Detail extends Report {
  /** number of the certificate by which words, notes and photo were destroyed */
  destroyed: string | null
  steps: Step[]
  next: Status[]
  near: { report: Report; metres: number | null }[]
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Message and count of a span. */
export function span(ms: number): [string, { count: number }] {
  const size = Math.abs(ms)
  if (size < HOUR) return ['reports.minutes', { count: Math.round(size / MINUTE) }]
  if (size < 48 * HOUR) return ['reports.hours', { count: Math.round(size / HOUR) }]
  return ['reports.days', { count: Math.round(size / 24 / HOUR) }]
}
