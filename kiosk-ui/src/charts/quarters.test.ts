import { expect, test } from 'vitest'
import { between, runs, steps } from './quarters'

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
