import { describe, expect, it } from 'vitest'
import type { Alarm } from '../api/types'
import { atNight, due, nameOf, remembered, type Sounded } from './sounding'

const NOON = Date.parse('2026-11-30T12:00:00+07:00')
const NIGHT = Date.parse('2026-11-30T23:30:00+07:00')
const MINUTE = 60_000

const alarm = (changed: Partial<Alarm> = {}) =>
  ({ id: 'a:1', rule: 'a', scope: 's', about: 'flood', severity: 3, state: 'firing', since: '2026-11-30T04:00:00+07:00', ...changed }) as Alarm

describe('what is heard', () => {
  it('is each alarm once, the gravest first', () => {
    const [low, high] = [alarm({ rule: 'b', severity: 1 }), alarm()]
    expect(due([low, high], {}, NOON)).toBe(high)
    const after = remembered({}, high, NOON)
    expect(due([low, high], after, NOON)).toBe(low)
    expect(due([low, high], remembered(after, low, NOON), NOON + MINUTE)).toBeNull()
  })
  it('comes again by its class until somebody has seen it', () => {
    const after = remembered({}, alarm(), NOON)
    expect(due([alarm()], after, NOON + 29 * MINUTE)).toBeNull()
    expect(due([alarm()], after, NOON + 30 * MINUTE)).not.toBeNull()
    expect(due([alarm({ handling: { acknowledged: 'x' } as Alarm['handling'] })], after, NOON + 30 * MINUTE)).toBeNull()
    const siaga = alarm({ severity: 2 })
    expect(due([siaga], remembered({}, siaga, NOON), NOON + 119 * MINUTE)).toBeNull()
    expect(due([siaga], remembered({}, siaga, NOON), NOON + 120 * MINUTE)).not.toBeNull()
  })
  it('is heard at once when it gets worse, and not anew when only its name changed', () => {
    const after: Sounded = { [nameOf(alarm())]: { at: NOON, severity: 2 } }
    expect(due([alarm()], after, NOON + MINUTE)).not.toBeNull()
    expect(due([alarm({ id: 'a:2', severity: 2 })], after, NOON + MINUTE)).toBeNull()
  })
  it('keeps quiet at night but for what cannot wait', () => {
    expect(atNight(NIGHT) && atNight(NIGHT + 5 * 60 * MINUTE) && !atNight(NOON)).toBe(true)
    expect(due([alarm({ severity: 1 })], {}, NIGHT)).toBeNull()
    expect(due([alarm({ severity: 2 })], {}, NIGHT)).not.toBeNull()
    expect(due([alarm({ about: 'air', severity: 2 })], {}, NIGHT)).toBeNull()
    expect(due([alarm({ about: 'air', severity: 3 })], {}, NIGHT)).not.toBeNull()
  })
  it('is never a sensor, a field, or what is over', () => {
    expect(due([alarm({ about: 'device' }), alarm({ about: 'farm' }), alarm({ state: 'resolved' })], {}, NOON)).toBeNull()
  })
})
