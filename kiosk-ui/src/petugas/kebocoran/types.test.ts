import { expect, it } from 'vitest'
import { local, moment } from './types'

it('times of a form are WIB, there and back', () => {
  expect(moment('2026-11-30T16:05')).toBe(Date.UTC(2026, 10, 30, 9, 5))
  expect(local('2026-11-30T16:05:00+07:00')).toBe('2026-11-30T16:05')
  expect(local(Date.UTC(2026, 11, 31, 20, 0))).toBe('2027-01-01T03:00')
  expect(moment('')).toBeNull()
})
