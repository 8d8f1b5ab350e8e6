import { expect, it } from 'vitest'
import { PAGES, place, visible } from './pages'

it('an address names a page and what of it', () => {
  expect(place('#penduduk/a%2Fb')).toEqual({ name: 'penduduk', rest: 'a/b' })
  expect(place('#penduduk/a/b')).toEqual({ name: 'penduduk', rest: 'a/b' })
  expect(place('#penduduk/%')).toEqual({ name: 'penduduk', rest: '%' })
  expect(place('')).toEqual({ name: '', rest: '' })
})

it('a page is seen by its roles alone, and no two have one name', () => {
  expect(visible(['operator']).map((p) => p.name)).toContain('pengguna')
  expect(visible(['teknisi']).map((p) => p.name)).not.toContain('pengguna')
  expect(new Set(PAGES.map((p) => p.name)).size).toBe(PAGES.length)
})
