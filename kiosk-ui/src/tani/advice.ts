/** What the list of advice shows, apart from its page. */
import { num } from '../language.svelte'

const WIB_MS = 7 * 3_600_000

/** The local day (WIB) as the regency writes it. */
export function localDay(now: number): string {
  return new Date(now + WIB_MS).toISOString().slice(0, 10)
}

/** A number of a reason as people read it; words as they are. */
export function number(value: number | string | null): string {
  if (value === null) return '–'
  if (typeof value === 'string') return value
  return num(value, Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1)
}
