/** Shapes of the API's complaints, and what the desk makes of them. */
export type State = 'received' | 'checking' | 'asked' | 'answered' | 'dismissed' | 'closed' | 'lapsed' | 'withdrawn'
export type Act = 'take' | 'ask' | 'answer' | 'dismiss' | 'forward'
export type Category = 'service' | 'letter' | 'conduct' | 'facility' | 'fee'

export const CATEGORIES: Category[] = ['service', 'letter', 'conduct', 'facility', 'fee']
/** In the order of their keys on the page. */
export const ACTS: Act[] = ['take', 'answer', 'ask', 'forward', 'dismiss']
export const LEAST_WORDS = 10
export const OVER: State[] = ['closed', 'lapsed', 'withdrawn']

export interface Row {
  id: number
  ticket: string
  village: string
  village_name: string
  about: string
  category: Category
  service: string
  state: State
  title: string
  office: string
  opened: string
  due: string | null
  /** working days, negative when late, null where the office has nothing to do */
  left: number | null
  late: boolean
  known: 'nobody' | 'inspectorate' | 'office'
  past: boolean
  objected: boolean
  acts: Act[]
}

export interface Detail extends Row {
  text: string
  /** number of the certificate by which words and notes were destroyed */
  destroyed: string | null
  day: string | null
  written: string
  reference: string
  asked: number
  head: boolean
  writer: boolean
  steps: { at: string; act: string; by: string; state: State; title: string; note: string }[]
}

export interface Suggestion {
  id: string
  opened: string
  text: string
  seen: string | null
  seen_by: string
  /** its words were over their time */
  destroyed: boolean
}

export interface Quarter {
  quarter: string
  n: number
  answered: number
  in_time: number
  waiting: number
  median_days: number | null
  categories: { category: Category; title: string; n: number }[]
}

/** `Triwulan 4 2026`, short for a plot. */
export const short = (quarter: string): string => `${quarter.slice(-1)}/${quarter.slice(0, 4)}`
