/** What the list of advice shows, apart from its page. */
import type { AdviceAction, AdviceAnswer, AdviceAnswerHere } from '../api/types'
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

const URGENCIES: readonly AdviceAction['urgency'][] = ['sekarang', 'hari ini', 'minggu ini', 'catatan']

/** How urgent the most urgent of them is; null of none. */
export const urgentmost = (actions: AdviceAction[]): AdviceAction['urgency'] | null =>
  URGENCIES.find((urgency) => actions.some((action) => action.urgency === urgency)) ?? null

/** Whether the answer given here stands: one that has left and that the regency has a later, other one of, was given elsewhere since. */
export const standsHere = (here: AdviceAnswerHere, known: AdviceAnswer | null): boolean =>
  !here.sent || !known || known.answer === here.answer || (known.at ?? 0) <= Date.parse(here.at)
