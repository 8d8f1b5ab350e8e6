/** What stood behind the readings of a window: in which order it is told, and where the chart marks that it changed. */
import type { Provenance, Window } from '../api/types'

export interface Change {
  at: number
  /** that of the span which begins there, as the list under the chart counts them */
  number: number
}

/** In order of time; those of boots that never learnt the time last. */
export const spans = (window: Window): Provenance[] => [...(window.provenance ?? [])].sort((a, b) => Number(!!a.boot) - Number(!!b.boot) || a.from - b.from)

/** Within the window; the beginning of the first is no change. */
export const changes = (window: Window): Change[] =>
  spans(window).flatMap((span, i) => (i > 0 && !span.boot && span.from > window.start && span.from < window.stop ? [{ at: span.from, number: i + 1 }] : []))

/** Decimals that show six significant digits and no zeros at the end. */
export function decimalsOf(value: number): number {
  const [, fraction = ''] = Number(value.toPrecision(6)).toFixed(9).split('.')
  return fraction.replace(/0+$/, '').length
}
