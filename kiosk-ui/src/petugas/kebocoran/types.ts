/** As the API tells failures to protect personal data. */
export interface Breach {
  id: number
  village: string
  known: string
  due: string
  /** hours of the law's clock; null once everybody was told */
  left: number | null
  began: string
  ended: string | null
  data: string[]
  how: string
  handling: string
  contact: string
  persons: number
  told: number
  agency: string | null
  public: string | null
  closed: string | null
}

export interface Detail extends Breach {
  /** to how many people one file of letters is */
  lot: number
  steps: { at: string; by: string; act: string; note: string }[]
  people: { subject: string; resident: number | null; why: string; told: string | null; how: string }[]
}

export interface Law {
  clock: { hours: number; source: string; mark: string }
  agency: { title: string; source: string; mark: string }
  must: { title: string; source: string; mark: string }
  data: Record<string, { title: string; advice: string }>
}

export interface Listed {
  breaches: Breach[]
  law: Law
  sources: { name: string; title: string }[]
}

export interface Found {
  persons: number
  residents: number
  listed: number
}

/** What a form holds; times as `datetime-local` gives them, in WIB. */
export interface Draft {
  known: string
  began: string
  ended: string
  data: string[]
  how: string
  handling: string
  contact: string
}

export const EMPTY: Draft = { known: '', began: '', ended: '', data: [], how: '', handling: '', contact: '' }

/** Those of one file of letters: the first who were not told. Only they are told once it is sent. */
export const addressed = (detail: Pick<Detail, 'people' | 'lot'>): string[] =>
  detail.people.filter((each) => !each.told).slice(0, detail.lot).map((each) => each.subject)

/** ms UTC of a local time of WIB; null where nothing or no time was given. */
export function moment(local: string): number | null {
  const at = Date.parse(`${local}:00+07:00`)
  return Number.isNaN(at) ? null : at
}

/** As `datetime-local` takes it, in WIB. */
export const local = (at: string | number): string => new Date(new Date(at).getTime() + 7 * 3_600_000).toISOString().slice(0, 16)
