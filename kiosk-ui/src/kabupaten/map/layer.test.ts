import { describe, expect, it } from 'vitest'
import { counted, rankOf, SPANS, stops, type Layer, type Value } from './layer'

const NOW = Date.parse('2026-11-30T09:41:00+07:00')
const layer: Layer = {
  key: 'x', title: 'X', about: '', unit: '', decimals: 0, source: 's', stale: 1,
  legend: [
    { key: 'calm', word: 'Tenang', colour: '#000000', shape: 'disc' },
    { key: 'grave', word: 'Gawat', colour: '#ff0000', shape: 'square' },
  ],
}
const value = (kind: string | null, old = false): Value => ({ value: 1, class: kind, n: 1, age: 0, old })

describe('the slider', () => {
  it('goes by whole hours of a day, and ends now', () => {
    const found = stops(SPANS[0]!, NOW)
    expect(found.length).toBe(25)
    expect(found.at(-1)).toBeNull()
    expect(new Date(found.at(-2)!).toISOString()).toBe('2026-11-30T02:00:00.000Z')
    expect(new Date(found[0]!).toISOString()).toBe('2026-11-29T03:00:00.000Z')
  })
  it('goes by local midnights of a month', () => {
    const found = stops(SPANS[1]!, NOW)
    expect(found.length).toBe(31)
    expect(found.slice(0, -1).every((at) => (at! + 7 * 3_600_000) % 86_400_000 === 0)).toBe(true)
  })
})

describe('a legend', () => {
  it('counts each place once: in its class, or as without data', () => {
    const found = counted(layer, [value('grave'), value('calm', true), undefined, value(null)])
    expect(found.classes.map((c) => c.count)).toEqual([1, 1])
    expect([found.none, found.old]).toEqual([2, 1])
    expect(rankOf(layer, value('grave'))).toBe(1)
    expect(rankOf(layer, undefined)).toBe(-1)
  })
})
