import { expect, it } from 'vitest'
import { addressed, local, moment } from './types'

it('times of a form are WIB, there and back', () => {
  expect(moment('2026-11-30T16:05')).toBe(Date.UTC(2026, 10, 30, 9, 5))
  expect(local('2026-11-30T16:05:00+07:00')).toBe('2026-11-30T16:05')
  expect(local(Date.UTC(2026, 11, 31, 20, 0))).toBe('2027-01-01T03:00')
  expect(moment('')).toBeNull()
})

it('only those are told to whom the letters of one file are', () => {
  const person = (subject: string, told: string | null) => ({ subject, resident: null, why: '', told, how: '' })
  const people = [person('1', null), person('2', null), person('3', null), person('4', '2026-11-30T16:05:00+07:00')]
  expect(addressed({ people, lot: 2 })).toEqual(['1', '2'])
  expect(addressed({ people, lot: 300 })).toEqual(['1', '2', '3'])
})
