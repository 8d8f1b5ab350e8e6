import { expect, test } from 'vitest'
import type { AdviceAction, FarmField } from '../api/types'
import { localDay, number, standsHere, urgentmost } from './advice'
import { merged } from '../tani/farm.svelte'

test('a day begins at midnight of WIB', () => {
  expect(localDay(Date.parse('2026-11-29T16:59:59Z'))).toBe('2026-11-29')
  expect(localDay(Date.parse('2026-11-29T17:00:00Z'))).toBe('2026-11-30')
})

test('numbers of a reason are short', () => {
  expect(number(null)).toBe('–')
  expect(number('x')).toBe('x')
  expect(number(40)).toBe('40')
  expect(number(18.58).replace('.', ',')).toBe('18,6')
  expect(number(0.456).replace('.', ',')).toBe('0,46')
})

test('a registered field replaces one of the configuration; sensors that were taken out are not its own', () => {
  const text = { id: 'Cabai', en: 'Chili' }
  const old = { id: 'a', village: 'v', name: 'Lama', crop: text, farmer: 'x', series: ['s'], synthetic: true, area_ha: null }
  const sensors = [
    { series: 's1', since: '2026-01-01', until: null },
    { series: 's2', since: '2026-01-01', until: '2026-02-01' },
  ]
  const found = merged([old, { ...old, id: 'b' }], [{ id: 'a', village: 'v', name: 'Baru', crop_title: text, area: 2500, sensors } as unknown as FarmField])
  expect(found.map((f) => [f.id, f.name])).toEqual([
    ['a', 'Baru'],
    ['b', 'Lama'],
  ])
  expect(found[0]).toMatchObject({ series: ['s1'], area_ha: 0.25, synthetic: false })
})

test('the most urgent action speaks for its field', () => {
  const of = (urgency: AdviceAction['urgency']) => ({ urgency }) as AdviceAction
  expect(urgentmost([of('catatan'), of('hari ini'), of('minggu ini')])).toBe('hari ini')
  expect(urgentmost([])).toBeNull()
})

test('a later answer from elsewhere takes the place of one given here, once that has left', () => {
  const here = { answer: 'sudah', by: 'Petani', at: '2026-11-30T07:00:00+07:00', sent: true }
  const known = { answer: 'belum', by: 'Penyuluh', at: Date.parse(here.at) + 1 }
  expect(standsHere(here, known)).toBe(false)
  expect(standsHere({ ...here, sent: false }, known)).toBe(true)
  expect(standsHere(here, { ...known, answer: 'sudah' })).toBe(true)
  expect(standsHere(here, { ...known, at: Date.parse(here.at) - 1 })).toBe(true)
  expect(standsHere(here, null)).toBe(true)
})
