import { describe, expect, it } from 'vitest'
import type { Window } from '../api/types'
import { dayBefore } from '../tani/change'
import { alone, breakAt, columns, readingsIn, rows, usualStep } from './gaps'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const raw = (t: number[], v: (number | null)[], q?: Window['q']): Window => ({
  id: 'x',
  unit: 'm',
  start: 0,
  stop: 2 * HOUR,
  every: null,
  t,
  v,
  q: q ?? t.map(() => 1 as const),
})

describe('gaps are drawn as gaps', () => {
  it('breaks a line where the step is longer than allowed', () => {
    expect(breakAt([0, 1, 2, 10, 11], [[5, 5, 5, 6, 6]], 3)).toEqual({ t: [0, 1, 2, 6, 10, 11], columns: [[5, 5, 5, null, 6, 6]] })
  })
  it('leaves an even line whole', () => {
    const { t } = columns(raw([0, 5 * MINUTE, 10 * MINUTE], [1, 2, 3]))
    expect(t).toEqual([0, 5 * MINUTE, 10 * MINUTE])
  })
  it('takes the usual step from the data', () => {
    expect([usualStep([0, 1, 2, 50]), usualStep([7]), usualStep([])]).toEqual([1, 0, 0])
  })
  it('breaks an aggregate where a bucket is absent, and keeps its band', () => {
    const window: Window = { id: 'x', unit: 'm', start: 0, stop: 4, every: 10, t: [0, 10, 30], mean: [1, 2, 3], min: [0, 1, 2], max: [2, 3, 4], count: [5, 5, 5] }
    const c = columns(window)
    expect(c.v).toEqual([1, 2, null, 3])
    expect(c.low).toEqual([0, 1, null, 2])
    expect(readingsIn(window)).toBe(15)
  })
  it('does not take the pace of a slow sensor for gaps', () => {
    const HOURLY = [0, 60, 120, 180, 600, 660]
    const window: Window = { id: 'x', unit: 'm', start: 0, stop: 700, every: 10, t: HOURLY, mean: [1, 2, 3, 4, 5, 6] }
    expect(columns(window).v).toEqual([1, 2, 3, 4, null, 5, 6])
  })
  it('finds values that stand alone', () => {
    expect(alone([1, null, 2, 3, null, 4])).toEqual([0, 5])
    expect(alone([null, 1, 2])).toEqual([])
  })
  it('marks suspect values and keeps failed ones out of the line', () => {
    const c = columns(raw([0, 1, 2, 3], [1, 9, 2, 3], [1, 4, 3, 9]))
    expect(c.v).toEqual([1, null, 2, null])
    expect(c.marks).toEqual([
      { t: 1, v: 9, quality: 4 },
      { t: 2, v: 2, quality: 3 },
    ])
  })
})

describe('the table beside a chart', () => {
  it('has whole hours of WIB with mean, lowest and highest, without failed values', () => {
    const { hours, rows: table } = rows(raw([0, 30 * MINUTE, 60 * MINUTE, 61 * MINUTE], [1, 3, 10, 99], [1, 1, 1, 4]))
    expect(hours).toBe(1)
    expect(table).toEqual([
      { start: 0, mean: 2, min: 1, max: 3, count: 2 },
      { start: HOUR, mean: 10, min: 10, max: 10, count: 1 },
    ])
  })
  it('stays short for a year', () => {
    const DAY = 24 * HOUR
    const t = Array.from({ length: 365 }, (_, i) => i * DAY)
    expect(rows({ ...raw(t, t.map(() => 1)), stop: 365 * DAY }).rows.length).toBeLessThanOrEqual(54)
  })
})

describe('yesterday at this hour', () => {
  const DAY = 24 * HOUR
  const last = { at: new Date(2 * DAY).toISOString(), value: 30, quality: 1 as const }
  it('compares with the nearest good value within an hour', () => {
    expect(dayBefore(raw([DAY - 10 * MINUTE, DAY + 40 * MINUTE], [28, 20]), last)).toBe(2)
  })
  it('says nothing where there is none', () => {
    expect(dayBefore(raw([DAY - 2 * HOUR], [28]), last)).toBeNull()
    expect(dayBefore(raw([DAY], [28], [4]), last)).toBeNull()
  })
})
