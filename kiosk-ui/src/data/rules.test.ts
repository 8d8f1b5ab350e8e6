import { describe, expect, it } from 'vitest'
import type { Rule } from '../api/types'
import { marksOf } from './rule-marks'
import { lasting, ruleWords } from './rule-words'

const plain = (when: Rule['when'], more: Partial<Rule> = {}): Rule => ({
  id: 'x',
  village: '35.10.24.2008',
  when,
  severity: 2,
  title: { id: 'x' },
  message: { id: 'x' },
  source: 'x',
  suspect: 'counts',
  ...more,
})
const naming = (quantity: string) => ({ name: quantity === 'water_level' ? 'Tinggi muka air' : 'PM2.5', decimals: 2 })
const water = { quantity: 'water_level', unit: 'm' }
const said = (rule: Rule) => {
  const { begins, ends, more } = ruleWords(rule, naming)
  return [begins, ends, ...more].map((text) => text.replaceAll('\u00a0', ' '))
}

describe('a rule in words', () => {
  it('says when it begins and when it is over', () => {
    expect(said(plain({ type: 'threshold', ...water, threshold: 1.875, clear: 1.775 }, { for: '10m', clear_for: '2h' }))).toEqual([
      'Mulai bila tinggi muka air mencapai 1,875 m atau lebih, terus-menerus selama 10 menit.',
      'Selesai bila tinggi muka air turun sampai 1,775 m atau kurang, terus-menerus selama 2 jam.',
    ])
  })
  it('knows bands, rates, times to a level, silence', () => {
    expect(said(plain({ type: 'band', ...water, low: 1, high: 2, deadband: 0.1 }))).toEqual([
      'Mulai bila tinggi muka air di bawah 1,00 m atau di atas 2,00 m.',
      'Selesai bila tinggi muka air kembali di antara 1,10 m dan 1,90 m.',
    ])
    expect(said(plain({ type: 'rise', ...water, change: -0.3, within: '30m', clear: -0.05 }))[0]).toContain('turun 0,30 m atau lebih dalam 30 menit')
    expect(said(plain({ type: 'reach', ...water, level: 2, within: '1h', over: '30m', clear: '90m' }))).toEqual([
      'Mulai bila tinggi muka air akan mencapai 2,00 m dalam 1 jam menurut laju 30 menit terakhir, atau sudah mencapainya.',
      'Selesai bila tinggi muka air belum akan mencapai 2,00 m dalam 90 menit.',
    ])
    expect(said(plain({ type: 'silence', ...water, after: '3h' }))).toEqual(['Mulai bila tinggi muka air tidak terdengar selama 3 jam.', 'Selesai bila tinggi muka air terdengar lagi.'])
  })
  it('turns and into or where a composite ends', () => {
    const parts = [
      { type: 'threshold' as const, ...water, threshold: 2, clear: 1 },
      { type: 'threshold' as const, quantity: 'pm25', unit: 'ug/m3', threshold: 50, clear: 40, at_least: 2 },
    ]
    const [begins, ends, more] = said(plain({ type: 'all', parts }))
    expect([begins, ends]).toEqual([expect.stringContaining(' dan PM2.5 mencapai'), expect.stringContaining(' atau PM2.5 turun')])
    expect(more).toContain('2 alat')
  })
  it('says a duration as people do', () => {
    expect(['90s', '10m', '2h', '1d', '0s', undefined].map(lasting)).toEqual(['90 detik', '10 menit', '2 jam', '24 jam', '', ''])
  })
})

describe("a rule's marks", () => {
  it('are those of the quantity', () => {
    expect(marksOf(plain({ type: 'threshold', ...water, threshold: 2, clear: 2 }), 'water_level')).toEqual([{ kind: 'threshold', value: 2 }])
    expect(marksOf(plain({ type: 'threshold', ...water, threshold: 2, clear: 1 }), 'pm25')).toEqual([])
    expect(marksOf(plain({ type: 'band', ...water, low: 1, high: 2, deadband: 0.25 }), 'water_level').map((m) => m.value)).toEqual([1, 2, 1.25, 1.75])
    expect(marksOf(plain({ type: 'rise', ...water, change: 1, within: '1h', clear: 0.5 }), 'water_level')).toEqual([])
  })
})
