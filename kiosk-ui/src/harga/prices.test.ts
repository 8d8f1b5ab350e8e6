import { expect, it } from 'vitest'
import { ageDays, byPlace, DISTRICT, way, type Trend } from './prices'

const trend = (commodity: string, place: string, day: string[]): Trend => ({
  commodity, place, unit: 'kg', day, rupiah: day.map(() => 1), change_week: null, change_month: null,
})

it('prices stand by place and name, with their age in days', () => {
  const all = [trend('padi', DISTRICT, ['2026-11-28']), trend('kelapa', DISTRICT, ['2026-11-30']), trend('kopi', '35.10.24.2008', ['2026-11-01']), trend('x', DISTRICT, [])]
  const places = byPlace(all)
  expect([places.village.map((t) => t.commodity), places.district.map((t) => t.commodity)]).toEqual([['kopi'], ['kelapa', 'padi']])
  expect(ageDays(all[0]!, '2026-11-30')).toBe(2)
})

it('a change below one in a hundred is none', () => {
  expect([null, 0.9, -0.9, 1, -5].map(way)).toEqual([null, 'same', 'same', 'up', 'down'])
})
