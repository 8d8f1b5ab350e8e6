import { describe, expect, it } from 'vitest'
import { minutesToNext, ordinal, pace, siaga } from './pace'

const MINUTE = 60_000
const times = (n: number, every = 1) => Array.from({ length: n }, (_, i) => i * every * MINUTE)

describe('what a kiosk makes of its own gauge', () => {
  it('counts a level from its mark on, in both scales', () => {
    expect([0.79, 0.8, 1.5, 2].map((level) => siaga(ordinal(level, [0.8, 1.5, 2])))).toEqual(['Siaga 4', 'Siaga 3', 'Siaga 2', 'Siaga 1'])
  })
  it('sees Katulampa rise from 140 to 250 cm in 80 minutes', () => {
    const t = times(31)
    const found = pace(t, t.map((at) => 1.4 + (1.1 * at) / (80 * MINUTE)))!
    expect(found.rate).toBeCloseTo(0.825, 6)
    const next = minutesToNext(1.8125, [0.8, 1.5, 2], found)!
    expect([next.grade, Math.round(next.minutes)]).toEqual([3, 14])
  })
  it('is not turned by wrong readings, up to eight of 31', () => {
    const t = times(31)
    expect(pace(t, t.map((_, i) => (i % 4 === 1 ? 9 : 0.5)))).toEqual({ rate: 0, trend: 'steady' })
  })
  it('looks at the last half an hour alone, and needs two readings', () => {
    const t = times(120)
    expect(pace(t, t.map((_, i) => (i < 80 ? i / 10 : 8)))!.trend).toBe('steady')
    expect(pace([0], [1])).toBeNull()
    expect(pace(times(40, 0.2), times(40, 0.2).map(() => null))).toBeNull()
    expect(minutesToNext(1, [2], { rate: -1, trend: 'falling' })).toBeNull()
  })
})
