import { expect, test } from 'vitest'
import type { AdviceDocument } from '../api/types'
import { refusal, REFUSALS } from '../buku/refusal'
import jv from '../buku/words/jv.json'
import id from '../buku/words/id.json'
import { listOf, spoken } from './spoken'

const words = {
  id: { now: 'Siram {field}: {mm} mm{pump}.', pump: ', pompa {minutes} menit', look: 'Periksa: {disease}.', last: '{first} dan {next}' },
  jv: { now: 'Siram {field} enjing: {mm} mm{pump}.', look: 'Priksa: {disease}.' },
  en: { now: 'Water {field}: {mm} mm{pump}.', pump: ', pump {minutes} minutes', look: 'Look: {disease}.', last: '{first} and {next}' },
}
const now = { say: 'now', with: { field: 'Cabai {mm}', mm: 7.5, pump: { say: 'pump', with: { minutes: 40 } } } }
const list = (said: unknown) =>
  ({
    day: '2026-11-30',
    words,
    fields: [{ field: 'a', actions: [{ kind: 'water', sentence: 'Siram.', said, reason: { sentence: 'Kering.', numbers: { mm: 7.5 } } }] }],
  }) as unknown as AdviceDocument

test('a sentence is said in the language, each part that it lacks in Indonesian; what is filled in stays as it is', () => {
  expect(spoken(now, words, 'jv')).toBe('Siram Cabai {mm} enjing: 7,5 mm, pompa 40 menit.')
  expect(spoken(now, words, 'en')).toBe('Water Cabai {mm}: 7.5 mm, pump 40 minutes.')
  expect(spoken(now, words, 'xx')).toBe('Siram Cabai {mm}: 7,5 mm, pompa 40 menit.')
})

test('names of crops and diseases are said by language', () => {
  const blast = { text: { id: 'blas', en: 'blast' } }
  const both = { say: 'last', with: { first: blast, next: { text: { id: 'tungro' } } } }
  expect(spoken({ say: 'look', with: { disease: both } }, words, 'en')).toBe('Look: blast and tungro.')
  expect(spoken({ say: 'look', with: { disease: both } }, words, 'mad')).toBe('Periksa: blas dan tungro.')
})

test('numbers of a reason stay; a list of an earlier release, or one with a sentence nobody knows, is said in Indonesian', () => {
  const found = listOf(list(now), 'a', 'en')?.actions[0]
  expect(found?.sentence).toContain('Water')
  expect(found?.reason).toEqual({ sentence: 'Kering.', numbers: { mm: 7.5 } })
  for (const old of [undefined, { say: 'gone', with: {} }, { say: 'now', with: {} }]) expect(listOf(list(old), 'a', 'en')?.actions[0]?.sentence).toBe('Siram.')
  expect(listOf({ ...list(now), words: undefined } as AdviceDocument, 'a', 'en')?.actions[0]?.sentence).toBe('Siram.')
  expect(listOf(list(now), 'b', 'en')).toBeNull()
  expect(listOf(null, 'a', 'en')).toBeNull()
})

test('why the regency did not take a line of the book is said in words, whatever it answered', () => {
  for (const code of [...REFUSALS, 'other']) expect(id).toHaveProperty([`buku.refused.${code}`])
  expect(refusal('future_day')).toBe('buku.refused.future_day')
  expect(refusal('day = 2030-01-01: that day is still to come')).toBe('buku.refused.other')
  expect(jv).toHaveProperty(['buku.refused.already_struck'])
})
