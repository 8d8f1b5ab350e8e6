import { expect, test } from 'vitest'
import { body, empty, mayKnow, missing, steps, type Draft } from './types'

const NOW = Date.parse('2026-11-30T18:30:00Z') // 1 December, 01.30 WIB
const draft = (more: Partial<Draft>): Draft => ({ ...empty(), id: 'a'.repeat(32), text: 'Surat belum jadi juga.', when: 'today', known: 'nobody', ...more })

test('each kind has its questions', () => {
  expect(steps(empty())).toEqual(['about', 'when', 'text', 'known'])
  expect(steps(draft({ about: 'fee' }))).toEqual(['about', 'asked', 'when', 'text', 'known'])
  expect(steps(draft({ about: 'conduct', known: 'office' }))).toEqual(['about', 'whom', 'when', 'text', 'known', 'name', 'contact'])
})

test('the office is not offered to know what it must not see', () => {
  expect(mayKnow(draft({ about: 'fee' }))).not.toContain('office')
  expect(mayKnow(draft({ about: 'conduct', head: true }))).not.toContain('office')
  expect(missing(draft({ about: 'fee', known: 'office' }), 'known')).toBe(true)
  expect(mayKnow(draft({ about: 'service', head: true }))).toContain('office')
})

test('what is sent', () => {
  expect(body(draft({ about: 'fee', asked: '50.000', name: 'Contoh', reference: 'K7M3' }), NOW)).toEqual({
    id: 'a'.repeat(32), about: 'fee', text: 'Surat belum jadi juga.', known: 'nobody', asked: 50000, day: '2026-12-01',
  })
  expect(body(draft({ about: 'letter', when: 'yesterday', reference: ' K7M3-9QXA ' }), NOW)).toMatchObject({ reference: 'K7M3-9QXA', day: '2026-11-30' })
  expect(body(draft({ about: 'facility', when: 'before' }), NOW)).not.toHaveProperty('day')
})
