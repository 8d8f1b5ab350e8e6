import { expect, it } from 'vitest'
import { load, MESSAGES, WHOLE } from '../messages/registry'
import { PAGES, place, visible } from './pages'
import '../harga/words'
import './residents/words'
import './words'

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

it.each(WHOLE)('every page has a title and says what it is for, in %s', async (language) => {
  expect(await load(language)).toBe(true)
  const keys = PAGES.flatMap((p) => [p.title, p.title.replace(/\.title$/, '.about')])
  expect(keys.filter((key) => !MESSAGES[language]?.[key])).toEqual([])
})
