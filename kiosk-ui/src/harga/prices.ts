/** Market prices as they are shown: by place, with their age and way. Pure. */

export const DISTRICT = '35.10'
/** Days from which a price is said to be old. */
export const OLD_DAYS = 14
const DAY_MS = 86_400_000

export interface Trend {
  commodity: string
  place: string
  unit: string | null
  day: string[]
  rupiah: number[]
  /** % against the newest price at least a week, a month old */
  change_week: number | null
  change_month: number | null
}

export interface PricesDocument {
  prices: Trend[]
}

const noon = (day: string) => Date.parse(`${day}T12:00:00+07:00`)

/** Whole days since the newest price; `today` is the local day. */
export const ageDays = (trend: Trend, today: string): number => Math.round((noon(today) - noon(trend.day.at(-1)!)) / DAY_MS)

/** Those of the village and those of the district, each by name; without a price there is nothing to show. */
export function byPlace(trends: Trend[]): { village: Trend[]; district: Trend[] } {
  const known = trends.filter((t) => t.day.length).sort((a, b) => a.commodity.localeCompare(b.commodity, 'id'))
  return { village: known.filter((t) => t.place !== DISTRICT), district: known.filter((t) => t.place === DISTRICT) }
}

/** For the small chart: milliseconds and rupiah. */
export const line = (trend: Trend): { t: number[]; v: number[] } => ({ t: trend.day.map(noon), v: trend.rupiah })

/** Up, down, or as it was: within a hundredth nobody pays otherwise. */
export const way = (change: number | null): 'up' | 'down' | 'same' | null => (change === null ? null : Math.abs(change) < 1 ? 'same' : change > 0 ? 'up' : 'down')
