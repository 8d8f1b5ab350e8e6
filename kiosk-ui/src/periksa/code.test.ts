import { expect, it } from 'vitest'
import { base45, check, PREFIX } from './code'
import sample from './sample.json'

it('a code that the cloud made is read as it was meant', () => {
  expect(check(sample.code, sample.keys)).toEqual({
    claim: { letter: 'K7M3-9QXR-2026', village: '35.10.24.2008', number: '500/001/429.523.03/XI/2026', service: 'keterangan-usaha', day: '2026-11-30', until: '2026-12-30', name: 'Siti Ñ' },
  })
})

it('base45 is that of RFC 9285', () => {
  const text = (s: string) => new TextDecoder().decode(base45(s)!)
  expect([text('BB8'), text('%69 VD92EX0'), text('QED8WEX0')]).toEqual(['AB', 'Hello!!', 'ietf!'])
  expect([base45('FGW'), base45('GGW'), base45('A'), base45('a0')]).toEqual([Uint8Array.from([255, 255]), null, null, null])
})

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
it('one changed letter anywhere is refused', () => {
  for (let at = PREFIX.length; at < sample.code.length; at++) {
    const other = ALPHABET[(ALPHABET.indexOf(sample.code[at]!) + 1 + (at % 43)) % 45]!
    expect(check(sample.code.slice(0, at) + other + sample.code.slice(at + 1), sample.keys), `${at}`).toHaveProperty('refused')
  }
})

it('says why it is refused', () => {
  expect([check('https://x', []), check(sample.code, []), check(sample.code.slice(0, -5), sample.keys), check('SK1:', sample.keys)]).toEqual([
    { refused: 'other' },
    { refused: 'unknown' },
    { refused: 'broken' },
    { refused: 'broken' },
  ])
})

it('a key that got out: letters of that day on are refused, older ones need asking', () => {
  const lost = (iso: string) => check(sample.code, [{ ...sample.keys[0]!, compromised: Date.parse(iso) }])
  expect([lost('2026-11-30T00:00:00+07:00'), lost('2026-11-30T23:59:00+07:00')]).toEqual([{ refused: 'compromised' }, { refused: 'compromised' }])
  expect(lost('2026-12-01T00:00:00+07:00')).toMatchObject({ caution: true, claim: { day: '2026-11-30' } })
})
