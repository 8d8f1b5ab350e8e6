import { describe, expect, it } from 'vitest'
import { body, empty, newId, ticketOf, wordOf } from './report'

describe('a ticket', () => {
  it('is the one that the contract makes', () => {
    // tests/contract/test_citizen.py has the same three
    expect(ticketOf('0'.repeat(32))).toBe('LP-0000-0000')
    expect(wordOf('f'.repeat(32))).toBe('yuyu-yuyu-yuyu')
    expect([ticketOf('0123456789abcdef0123456789abcdef'), wordOf('0123456789abcdef0123456789abcdef')]).toEqual(['LP-04HM-ASW9', 'poya-turu-baho'])
  })
  it('comes from 128 bits', () => {
    expect(newId()).toMatch(/^[0-9a-f]{32}$/)
    expect(newId()).not.toBe(newId())
  })
})

describe('what goes out', () => {
  it('says nothing of who wrote it at a kiosk', () => {
    const draft = { ...empty('35.10.24.2008'), kind: 'tree' as const, spot: ' Dekat jembatan ', contact: '0812-0000-0001' }
    expect(Object.keys(body(draft, 'kiosk', 1)).sort()).toEqual(['id', 'kind', 'photo', 'spot', 'text'])
    expect(body({ ...draft, latitude: -8.1, longitude: 114.3, accuracy: 9 }, 'phone', 1)).toMatchObject({ village: '35.10.24.2008', spot: 'Dekat jembatan', accuracy: 9 })
  })
})
