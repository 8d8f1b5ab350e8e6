/** How far a value is from the same hour a day before. */
import type { Last, Window } from '../api/types'
import { DAY, HOUR } from '../format/time'

/** Difference to the reading nearest to 24 hours before `last`; null when none lies within an hour of that. */
export function dayBefore(window: Window, last: Last): number | null {
  const then = Date.parse(last.at) - DAY
  const values = window.mean ?? window.v ?? []
  let best: number | null = null
  let nearest = HOUR
  window.t.forEach((at, i) => {
    const value = values[i]
    const quality = window.q?.[i] ?? 1
    const away = Math.abs(at - then)
    if (value === null || value === undefined || quality === 4 || quality === 9 || away > nearest) return
    nearest = away
    best = last.value - value
  })
  return best
}
