import { describe, expect, it } from 'vitest'
import { blank, body, problems, rupiah } from './entry'
import { seasons, type Line } from './sums'

const TODAY = '2026-11-30'
const line = (id: number, more: Partial<Line>): Line => ({
  id, season: '2026-09-01', day: '2026-11-01', kind: 'input', what: 'urea', amount: null, unit: '', cost: 0, income: 0, by: '', said: null, strikes: null, ...more,
})

describe('an entry', () => {
  it('takes rupiah as people type them, and nothing else', () => {
    expect(['150000', '150.000', 'Rp150.000', 'rp 2.400.000', '0'].map(rupiah)).toEqual([150000, 150000, 150000, 2400000, 0])
    expect(['', 'seratus', '1.5', '12,5', '-5', '1e3'].map((text) => Number.isNaN(rupiah(text)))).toEqual([true, true, true, true, true, true])
  })
  it('tells each field what is wrong with it', () => {
    expect(problems(blank('input', TODAY), TODAY)).toEqual({ what: 'buku.wrong.what' })
    expect(problems({ ...blank('harvest', TODAY, 'padi') }, TODAY)).toEqual({ amount: 'buku.wrong.harvest' })
    expect(problems({ ...blank('sale', TODAY, 'padi'), rupiah: '0' }, TODAY)).toEqual({ rupiah: 'buku.wrong.sale' })
    expect(problems({ ...blank('input', '2026-12-01', 'urea'), amount: 'banyak', rupiah: 'x' }, TODAY)).toEqual({
      amount: 'buku.wrong.amount', rupiah: 'buku.wrong.rupiah', day: 'buku.wrong.future',
    })
  })
  it('is sent with what was typed alone', () => {
    expect(body({ ...blank('input', TODAY, ' urea '), amount: '12,5', rupiah: '150.000' }, 'hp-1')).toEqual({
      id: 'hp-1', kind: 'input', what: 'urea', day: TODAY, amount: 12.5, unit: 'kg', cost: 150000,
    })
    expect(body({ ...blank('sale', TODAY, 'padi'), rupiah: '5000' }, 'hp-2')).toEqual({ id: 'hp-2', kind: 'sale', what: 'padi', day: TODAY, income: 5000 })
  })
})

describe('seasons', () => {
  it('count what stands and what waits, once', () => {
    const lines = [
      line(1, { cost: 100 }),
      line(2, { cost: 7 }),
      line(3, { kind: 'strike', strikes: 2 }),
      line(4, { kind: 'harvest', amount: 15, unit: 'kuintal', said: 'hp-4' }),
      line(5, { season: '2025', cost: 1 }),
    ]
    const waiting = [
      { line: { id: 'hp-4', kind: 'harvest' as const, what: 'gabah', amount: 15, unit: 'kuintal', day: TODAY }, refused: '' },
      { line: { id: 'hp-5', kind: 'sale' as const, what: 'gabah', income: 1000, day: TODAY }, refused: '' },
      { line: { id: 'hp-6', kind: 'sale' as const, what: 'gabah', income: 9, day: TODAY }, refused: 'no' },
      { line: { id: 'hp-7', kind: 'sale' as const, what: 'lama', income: 3, day: '2026-08-01' }, refused: '' },
    ]
    const found = seasons(lines, waiting, '2026-09-01')
    expect(found.map((s) => s.season)).toEqual(['2026-09-01', '2026', '2025'])
    expect([found[0]!.cost, found[0]!.income, found[0]!.profit, found[0]!.harvest]).toEqual([100, 1000, 900, 1.5])
    expect(found[0]!.lines.filter((l) => l.struck).map((l) => l.id)).toEqual([2])
    expect(found[0]!.lines).toHaveLength(5)
  })
})
