import { expect, test } from 'vitest'
import { scale } from './scale'

test('an axis reaches over the greatest value in a few round steps', () => {
  expect(scale(1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(scale(23)).toEqual([0, 5, 10, 15, 20, 25])
  for (const most of [0.3, 1, 7, 12.5, 60, 61, 999]) {
    const ticks = scale(most)
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(most)
    expect(ticks.length).toBeGreaterThanOrEqual(3)
    expect(ticks.length).toBeLessThanOrEqual(7)
  }
})
