import { expect, test } from 'vitest'
import { between, nth, runs, steps, x } from './quarters'

test('quarters between two years, gaps and all', () => {
  expect(between(['2026-Q4', '2026-Q2'])).toEqual(['2026-Q2', '2026-Q3', '2026-Q4'])
  expect(between(['2026-Q4', '2027-Q1'])).toEqual(['2026-Q4', '2027-Q1'])
  expect(between([])).toEqual([])
})

test('a scale is whole, and a gap breaks the line', () => {
  expect(steps(0)).toEqual([0, 1])
  expect(steps(3)).toEqual([0, 1, 2, 3])
  expect(steps(37)).toEqual([0, 10, 20, 30, 40])
  expect(runs([1, 2, null, 3, null])).toEqual([[0, 1], [3]])
})

test('on a phone every third quarter has its name, on a desk each', () => {
  expect(nth(12, 720)).toBe(2)
  expect(nth(12, 360)).toBe(3)
  expect(nth(4, 720)).toBe(1)
  expect(x(0, 4, 720)).toBeLessThan(x(1, 4, 720))
})
