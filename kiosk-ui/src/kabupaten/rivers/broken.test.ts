import { describe, expect, it } from 'vitest'
import { columns } from '../../charts/gaps'
import { broken } from './broken'

const window = { id: 'k.d.water_level', unit: 'm', start: 0, stop: 100, every: null, t: [10, 20, 30, 40], v: [1, 1.1, 1.6, 1.7], q: [1, 1, 1, 1] as (1 | 9)[] }

describe('a change of zero', () => {
  it('breaks the line, and only where there is water on both sides', () => {
    const shown = broken(window, [25])
    expect([shown.t, shown.v]).toEqual([
      [10, 20, 24, 30, 40],
      [1, 1.1, null, 1.6, 1.7],
    ])
    expect(columns(shown).v).toEqual([1, 1.1, null, 1.6, 1.7])
    expect(broken(window, [5, 60, 200])).toBe(window)
  })
  it('breaks buckets as well', () => {
    const buckets = { id: 'x', unit: 'm', start: 0, stop: 100, every: 10, t: [0, 10, 20], mean: [1, 2, 3], min: [1, 2, 3], max: [1, 2, 3], count: [5, 5, 5] }
    const shown = broken(buckets, [20])
    expect([shown.t, shown.mean, shown.count]).toEqual([
      [0, 10, 19, 20],
      [1, 2, null, 3],
      [5, 5, 0, 5],
    ])
  })
})
