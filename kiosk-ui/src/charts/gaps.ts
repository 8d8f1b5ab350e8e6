/** Columns for a line that breaks where data are missing. Times in milliseconds UTC. */
import type { Quality, Window } from '../api/types'

export interface Columns {
  t: number[]
  /** the line: good and suspect values; null breaks it */
  v: (number | null)[]
  low: (number | null)[] | null
  high: (number | null)[] | null
  /** marks, never part of the line when failed */
  marks: { t: number; v: number; quality: Quality }[]
}

/** A step longer than this many usual steps is a gap. */
const GAP_STEPS = 3

export function usualStep(t: number[]): number {
  if (t.length < 2) return 0
  const steps = t.slice(1).map((at, i) => at - t[i]!)
  steps.sort((a, b) => a - b)
  return steps[Math.floor((steps.length - 1) / 2)]!
}

/** `t` and its columns with a null put into each gap longer than `longest` milliseconds. */
export function breakAt(t: number[], columns: (number | null)[][], longest: number): { t: number[]; columns: (number | null)[][] } {
  const outT: number[] = []
  const out: (number | null)[][] = columns.map(() => [])
  t.forEach((at, i) => {
    const before = t[i - 1]
    if (before !== undefined && longest > 0 && at - before > longest) {
      outT.push(before + Math.round((at - before) / 2))
      out.forEach((column) => column.push(null))
    }
    outT.push(at)
    columns.forEach((column, c) => out[c]!.push(column[i] ?? null))
  })
  return { t: outT, columns: out }
}

export function columns(window: Window): Columns {
  if (window.every !== null && window.mean) {
    // A sensor slower than the buckets leaves most of them empty; that is its pace, not a gap.
    const step = usualStep(window.t)
    const longest = step > window.every * 1.5 ? step * GAP_STEPS : window.every * 1.5
    const { t, columns } = breakAt(window.t, [window.mean, window.min ?? window.mean, window.max ?? window.mean], longest)
    return { t, v: columns[0]!, low: columns[1]!, high: columns[2]!, marks: [] }
  }
  const quality = (i: number): Quality => window.q?.[i] ?? 1
  const values = (window.v ?? []).map((v, i) => (v === null || quality(i) === 4 || quality(i) === 9 ? null : v))
  const { t, columns } = breakAt(window.t, [values], usualStep(window.t) * GAP_STEPS)
  const marks = window.t.flatMap((at, i) => {
    const v = window.v?.[i]
    return v !== null && v !== undefined && (quality(i) === 3 || quality(i) === 4) ? [{ t: at, v, quality: quality(i) }] : []
  })
  return { t, v: columns[0]!, low: null, high: null, marks }
}

/** Indices of values with a gap on both sides: a line cannot show them, a point can. */
export function alone(v: (number | null)[]): number[] {
  const known = (i: number) => v[i] !== null && v[i] !== undefined
  return v.flatMap((_, i) => (known(i) && !known(i - 1) && !known(i + 1) ? [i] : []))
}

export interface Row {
  start: number
  mean: number
  min: number
  max: number
  count: number
}

/** Hours a table row may cover; the first that gives few enough rows is taken. */
const ROW_HOURS = [1, 2, 3, 6, 12, 24, 24 * 7, 24 * 30]

/** At most `most` rows for the table beside a chart, whole hours or days of WIB. */
export function rows(window: Window, most = 48): { hours: number; rows: Row[] } {
  const WIB = 7 * 3_600_000
  const span = Math.max(1, window.stop - window.start)
  const hours = ROW_HOURS.find((h) => span / (h * 3_600_000) <= most) ?? ROW_HOURS.at(-1)!
  const size = hours * 3_600_000
  const out: Row[] = []
  window.t.forEach((at, i) => {
    const quality = window.q?.[i] ?? 1
    const value = window.mean ? window.mean[i] : window.v?.[i]
    if (value === null || value === undefined || quality === 4 || quality === 9) return
    const low = window.min?.[i] ?? value
    const high = window.max?.[i] ?? value
    const weight = window.count?.[i] ?? 1
    const start = Math.floor((at + WIB) / size) * size - WIB
    const row = out.at(-1)
    if (row && row.start === start) {
      row.mean = (row.mean * row.count + value * weight) / (row.count + weight)
      row.min = Math.min(row.min, low)
      row.max = Math.max(row.max, high)
      row.count += weight
    } else {
      out.push({ start, mean: value, min: low, max: high, count: weight })
    }
  })
  return { hours, rows: out }
}

/** Readings behind a window: rows of a raw one, counts of an aggregated one. */
export const readingsIn = (window: Window): number => (window.count ? window.count.reduce((a, b) => a + b, 0) : window.t.length)
