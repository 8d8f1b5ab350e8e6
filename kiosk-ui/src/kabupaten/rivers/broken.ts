/** A chart's window with the line broken where the gauge's zero was changed: readings before and after are not compared. */
import type { Window } from '../../api/types'

export function broken(window: Window, breaks: number[]): Window {
  const within = breaks.filter((at) => at > window.start && at < window.stop && window.t.some((t) => t < at) && window.t.some((t) => t >= at))
  if (!within.length) return window
  const t: number[] = []
  const from: (number | null)[] = []
  window.t.forEach((at, i) => {
    const before = window.t[i - 1] ?? at
    for (const change of within) {
      if (before < change && at >= change) {
        t.push(Math.max(before + 1, change - 1))
        from.push(null)
      }
    }
    t.push(at)
    from.push(i)
  })
  const again = <V>(column: V[] | undefined, empty: V): V[] | undefined => column && from.map((i) => (i === null ? empty : column[i]!))
  const out: Window = { ...window, t }
  for (const name of ['v', 'mean', 'min', 'max'] as const) {
    const column = again(window[name], null)
    if (column) out[name] = column
  }
  if (window.q) out.q = again(window.q, 9)!
  if (window.count) out.count = again(window.count, 0)!
  return out
}
