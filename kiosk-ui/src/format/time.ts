/** Times in WIB (UTC+7, no summer time), whatever zone the browser believes it is in. */

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
const WIB = 7 * HOUR

export interface Wib {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** 0 is Sunday */
  weekday: number
}

/** Milliseconds UTC of an ISO 8601 text or of a number; NaN when it is neither. */
export const instant = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(at))

export function wib(at: string | number): Wib {
  const date = new Date(instant(at) + WIB)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    weekday: date.getUTCDay(),
  }
}

/** Number of the local day; equal numbers are the same day in WIB. */
export const wibDay = (at: string | number): number => Math.floor((instant(at) + WIB) / DAY)

/** A Date whose local getters uPlot reads as WIB: for its axis only. */
export function wibDate(seconds: number): Date {
  const w = wib(seconds * 1000)
  return new Date(w.year, w.month - 1, w.day, w.hour, w.minute, w.second)
}

/** `09.41` in Indonesian and the local languages, `09:41` in English. */
export function clock(at: string | number, language: string): string {
  const { hour, minute } = wib(at)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${two(hour)}${language === 'en' ? ':' : '.'}${two(minute)}`
}

/** Message key and count of an age: `age.minutes`, 12. Future times, from a clock a little ahead, count as now. */
export function age(at: string | number, now: number): { key: string; count: number } {
  const gone = Math.max(0, now - instant(at))
  if (gone < MINUTE) return { key: 'age.now', count: 0 }
  if (gone < HOUR) return { key: 'age.minutes', count: Math.floor(gone / MINUTE) }
  if (gone < 2 * DAY) return { key: 'age.hours', count: Math.floor(gone / HOUR) }
  return { key: 'age.days', count: Math.floor(gone / DAY) }
}

/** A reading older than this is shown as old. Presentation only: no alarm depends on it. */
export const STALE_AFTER = 30 * MINUTE
export const isStale = (at: string | number, now: number): boolean => now - instant(at) > STALE_AFTER
