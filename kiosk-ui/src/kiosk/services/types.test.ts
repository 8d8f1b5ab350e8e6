import { expect, it } from 'vitest'
import { asked, isEmpty, isoDay, type Field } from './types'

it('a day that is not in the calendar is none', () => {
  expect(isoDay('17', '8', '2026')).toBe('2026-08-17')
  expect(isoDay('29', '2', '2024')).toBe('2024-02-29')
  for (const [d, m, y] of [['29', '2', '2026'], ['31', '4', '2026'], ['0', '1', '2026'], ['', '', ''], ['1', '13', '2026'], ['1', '1', '26'], ['x', '1', '2026']])
    expect(isoDay(d!, m!, y!), `${d}.${m}.${y}`).toBeNull()
})

it('a question below one that was not asked is not asked', () => {
  const fields: Field[] = [
    { id: 'a', kind: 'yes', question: '?' },
    { id: 'b', kind: 'text', question: '?', only: { field: 'a', equals: true } },
    { id: 'c', kind: 'text', question: '?', only: { field: 'b', equals: 'x' } },
  ]
  expect(asked(fields, { a: false, b: 'x' }).map((f) => f.id)).toEqual(['a'])
  expect(asked(fields, { a: true, b: 'x' }).map((f) => f.id)).toEqual(['a', 'b', 'c'])
})

it('nothing said is empty, whatever its shape', () => {
  expect([undefined, '', {}, { nama: ' ' }].map(isEmpty)).toEqual([true, true, true, true])
  expect([false, 0, 'x', { nama: 'Siti' }].map(isEmpty)).toEqual([false, false, false, false])
})
