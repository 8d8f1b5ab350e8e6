/**
 * A letter's code, checked without a line: `SK1:`, base45 (RFC 9285), COSE_Sign1 with Ed25519 (RFC 9052) over a map of integer keys. As
 * `kampung-cloud verify` does: only canonical bytes are taken, so that one changed bit anywhere is refused.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { decode, encode, Tagged } from 'cborg'

export const PREFIX = 'SK1:'
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const EPOCH = Date.UTC(2020, 0, 1)
const DAY = 86_400_000

export interface Key {
  kid: string
  village: string
  key: string
  /** ms UTC: from then on somebody else may have signed with it */
  compromised?: number | null
}

export interface Claim {
  letter: string
  village: string
  number: string
  service: string
  day: string
  until: string | null
  name: string
}

/** `refused` says why: no code at all, broken, of an unknown key, changed, or of a key that had got out; `caution`: signed before that. */
export type Found = { claim: Claim; caution?: true } | { refused: 'other' | 'broken' | 'unknown' | 'changed' | 'compromised' }
const WIB = 7 * 3_600_000

export function base45(text: string): Uint8Array | null {
  const out: number[] = []
  for (let at = 0; at < text.length; at += 3) {
    const part = [...text.slice(at, at + 3)].map((c) => ALPHABET.indexOf(c))
    if (part.length === 1 || part.includes(-1)) return null
    const value = part[0]! + part[1]! * 45 + (part[2] ?? 0) * 2025
    if (part.length === 3) {
      if (value > 0xffff) return null
      out.push(value >> 8, value & 0xff)
    } else {
      if (value > 0xff) return null
      out.push(value)
    }
  }
  return Uint8Array.from(out)
}

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const hex = (data: Uint8Array) => [...data].map((b) => b.toString(16).padStart(2, '0')).join('')
const same = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((v, i) => v === b[i])
const day = (value: unknown) => (typeof value === 'number' ? new Date(EPOCH + value * DAY).toISOString().slice(0, 10) : null)

export function check(text: string, keys: Key[]): Found {
  const plain = text.replace(/^[\r\n\t]+|[\r\n\t]+$/g, '')
  if (!plain.startsWith(PREFIX)) return { refused: 'other' }
  const signed = base45(plain.slice(PREFIX.length))
  if (!signed) return { refused: 'broken' }
  try {
    const tags = Tagged.preserve(18)
    const tagged = decode(signed, { tags, useMaps: true }) as Tagged
    const [head, bare, payload, signature] = tagged.value as [Uint8Array, Map<unknown, unknown>, Uint8Array, Uint8Array]
    const header = decode(head, { useMaps: true }) as Map<number, unknown>
    const kid = header.get(4) as Uint8Array
    if (tagged.tag !== 18 || bare.size || header.size !== 2 || header.get(1) !== -8 || !same(encode(header), head)) return { refused: 'broken' }
    if (!same(encode(new Tagged(18, [head, bare, payload, signature])), signed)) return { refused: 'changed' }
    const key = keys.find((k) => k.kid === hex(kid))
    if (!key) return { refused: 'unknown' }
    const over = encode(['Signature1', head, new Uint8Array(), payload])
    if (!ed25519.verify(signature, over, bytes(key.key))) return { refused: 'changed' }
    const said = decode(payload, { useMaps: true }) as Map<number, unknown>
    const claim = { letter: said.get(1), village: said.get(2), number: said.get(3), service: said.get(4), day: day(said.get(5)), until: day(said.get(6)), name: said.get(7) } as Claim
    if (claim.village !== key.village || !claim.day) return { refused: 'changed' }
    if (key.compromised == null) return { claim }
    return claim.day < new Date(key.compromised + WIB).toISOString().slice(0, 10) ? { claim, caution: true } : { refused: 'compromised' }
  } catch {
    return { refused: 'broken' }
  }
}
