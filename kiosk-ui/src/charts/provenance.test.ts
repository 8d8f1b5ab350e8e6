import { describe, expect, it } from 'vitest'
import type { Provenance, Window } from '../api/types'
import { changes, decimalsOf, spans } from './provenance'

const span = (from: number, boot: string | null = null): Provenance => ({ from, to: null, model: 'x', origin: 'sensor', calibration: null, derived: null, boot })
const window = (...provenance: Provenance[]): Window => ({ id: 'a', unit: 'm', start: 100, stop: 200, every: null, t: [], v: [], q: [], provenance })

describe('provenance', () => {
  it('is told in order of time, boots without a time last', () => {
    expect(spans(window(span(5, 'b'), span(150), span(20))).map((s) => s.from)).toEqual([20, 150, 5])
    expect(spans({ ...window(), provenance: undefined })).toEqual([])
  })

  it('marks changes within the window only', () => {
    expect(changes(window(span(120)))).toEqual([])
    expect(changes(window(span(20), span(150), span(180), span(160, 'b')))).toEqual([
      { at: 150, number: 2 },
      { at: 180, number: 3 },
    ])
    expect(changes(window(span(20), span(100), span(200)))).toEqual([])
  })

  it('shows as many decimals as say something', () => {
    expect([1, 0.5, -1.2, 0.866666667, 3.333333333, 1234.5678].map(decimalsOf)).toEqual([0, 1, 1, 6, 5, 2])
  })
})
