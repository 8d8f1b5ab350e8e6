import { expect, test } from 'vitest'
import { due } from './calling'
import { announcement, inWords, shown } from './number'
import type { Board, Called } from './types'

test('a number is read with three digits and spoken as people say it', () => {
  expect(['A1', 'A12', 'B105', 'C1234'].map(shown)).toEqual(['A001', 'A012', 'B105', 'C1234'])
  expect(announcement('A12', 1)).toBe('Nomor A nol dua belas, silakan ke loket satu.')
  expect(announcement('B7', 11)).toBe('Nomor B nol nol tujuh, silakan ke loket sebelas.')
  expect(announcement('C100', 2)).toBe('Nomor C seratus, silakan ke loket dua.')
  expect([0, 10, 15, 20, 21, 115, 200, 999, 1000, 2041].map(inWords)).toEqual([
    'nol', 'sepuluh', 'lima belas', 'dua puluh', 'dua puluh satu', 'seratus lima belas', 'dua ratus', 'sembilan ratus sembilan puluh sembilan', 'seribu', 'dua ribu empat puluh satu',
  ])
})

const AT = Date.parse('2026-11-30T09:00:00+07:00')
const call = (n: number, number: string, ago: number): Called => ({ n, number, counter: 1, at: new Date(AT - ago).toISOString(), again: false })
const board = (calls: number, recent: Called[]): Board =>
  ({ village: { name: '', type: 'desa', kecamatan: '' }, day: '', at: new Date(AT).toISOString(), calls, waiting: 0, closed: false, simulated: false, lines: [], counters: [], recent })

test('each call is announced once, in order, and not when it is long over', () => {
  const recent = [call(4, 'A3', 1_000), call(3, 'A2', 5_000), call(2, 'A3', 20_000), call(1, 'A1', 120_000)]
  expect(due(board(4, recent), 0).map((c) => c.n)).toEqual([3, 4])
  expect(due(board(4, recent), 3).map((c) => c.n)).toEqual([4])
  expect(due(board(4, recent), 4)).toEqual([])
  expect(due(board(1, [call(1, 'A1', 0)]), 9)).toEqual([])
})
