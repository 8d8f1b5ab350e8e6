import { expect, it } from 'vitest'
import { others, part, split, type Clock } from './clock'

const clock = (over: Partial<Clock>): Clock => ({ village_minutes: 0, elsewhere_minutes: 0, resident_minutes: 0, limit_minutes: 10, counting: 'village', ...over })

it('the village’s part fills its bar and no more', () => {
  expect(part(clock({ village_minutes: 4 }))).toEqual({ share: 0.4, over: 0 })
  expect(part(clock({ village_minutes: 10 }))).toEqual({ share: 1, over: 0 })
  expect(part(clock({ village_minutes: 14 }))).toEqual({ share: 1, over: 4 })
  expect(part(clock({ village_minutes: 1, limit_minutes: 0 }))).toEqual({ share: 1, over: 1 })
})

it('Dukcapil’s time stands apart once it counts, and stays', () => {
  expect(others(clock({}))).toEqual([])
  expect(others(clock({ counting: 'elsewhere' }))).toEqual(['elsewhere'])
  expect(others(clock({ counting: null, elsewhere_minutes: 185, resident_minutes: 3 }))).toEqual(['elsewhere', 'resident'])
  expect(split(185)).toEqual({ hours: 3, minutes: 5 })
})
