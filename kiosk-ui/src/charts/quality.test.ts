import { describe, expect, it } from 'vitest'
import type { QualityAnswer, Test } from '../api/types'
import { limitsOf, newest, pause, poor } from './quality'

const say = (key: string, values: Record<string, string>) => `${key.split('.').at(-1)} ${Object.values(values).filter(Boolean).join(' ')}`
const num = (value: number) => String(value).replace('.', ',')
const name = { id: 'x', en: 'x' }
const test = (kind: string, limits: Record<string, unknown>): Test => ({ test: kind, name, limits, by: 'site', source: 'survei' })
const doubt = (from: number, to: number) => ({ test: 'rate', name, flag: 3 as const, from, to, count: 1, by: 'kiosk' as const })
const answer = (change: Partial<QualityAnswer>): QualityAnswer => ({ id: 's', unit: 'm', start: 0, stop: 9, flags: {}, failed: 0, tests: [], doubts: [], judged: [], judged_count: 0, ...change })

describe('quality control', () => {
  it('tells the newest first', () => {
    expect(newest(answer({ doubts: [doubt(1, 2), doubt(5, 6), doubt(3, 9)] }), 2).map((d) => d.from)).toEqual([3, 5])
  })
  it('counts what is not good, and nothing where it was not counted', () => {
    expect(poor(answer({ flags: { '1': 90, '3': 2, '4': 5, '9': 0 } }))).toEqual([
      [4, 5],
      [3, 2],
    ])
    expect(poor(answer({ flags: null }))).toEqual([])
  })
  it('says times in the largest whole unit', () => {
    expect([600, 604_800, 5_400, 45].map((s) => pause(s, say))).toEqual(['minutes 10', 'days 7', 'minutes 90', 'seconds 45'])
  })
  it('says limits', () => {
    expect(limitsOf(test('range', { low: 0, high: 2.5 }), num, say)).toBe('span 0 2,5')
    expect(limitsOf(test('rate', { steps: [[60, 0.2], [600, 0.5]] }), num, say)).toBe('step 0,2 minutes 1; step 0,5 minutes 10')
    expect(limitsOf(test('spike', { suspect: 0.3, within: 900 }), num, say)).toBe('spike 0,3')
    expect(limitsOf(test('neighbours', { most: 1, series: ['a', 'b', 'c'] }), num, say)).toBe('neighbours 1 2')
    expect(limitsOf(test('relation', { id: 'gust' }), num, say)).toBe('')
  })
})
