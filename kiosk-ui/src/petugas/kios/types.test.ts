import { expect, it } from 'vitest'
import { chosen, holding, type Kiosk } from './types'

const kiosk = (node: string, village: string, more: Partial<Kiosk> = {}): Kiosk => ({
  node, village, state: 'online', last_seen: '', key: 'good', only: false, pins: 0, withdrawals: [], ...more,
})
const place = (code: string) => ({ a: 'Tamansari', b: 'Kemiren' })[code] ?? code

it('what is withdrawn comes first, then an old key, then by village', () => {
  const all = [kiosk('k-1', 'a'), kiosk('k-2', 'b'), kiosk('k-3', 'a', { key: 'old' }), kiosk('k-4', 'a', { state: 'withdrawn' })]
  expect(chosen(all, '', place).map((k) => k.node)).toEqual(['k-4', 'k-3', 'k-2', 'k-1'])
  expect(chosen(all, ' KEMI', place).map((k) => k.node)).toEqual(['k-2'])
})

it('only the withdrawal that was not taken back holds', () => {
  const past = { at: '', by: '', reason: '', broker: 'none' as const, broker_note: '', restored: 'x', restored_by: '', restored_reason: '', mistake: false }
  expect(holding(kiosk('k', 'a', { withdrawals: [past] }))).toBeNull()
  expect(holding(kiosk('k', 'a', { withdrawals: [{ ...past, restored: null }, past] }))?.restored).toBeNull()
})
