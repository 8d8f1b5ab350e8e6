/** The code on a tree's tag, as contract/kampung_contract/tree_code.py has it: Crockford's base 32, the last letter a check (Luhn). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export const LENGTH = 8

function check(body: string): string {
  let total = 0
  ;[...body].reverse().forEach((letter, place) => {
    const value = ALPHABET.indexOf(letter) * (place % 2 === 0 ? 2 : 1)
    total += Math.floor(value / 32) + (value % 32)
  })
  return ALPHABET[(32 - (total % 32)) % 32]!
}

/** A new one. */
export function newCode(pick: (most: number) => number = random): string {
  const body = Array.from({ length: LENGTH - 1 }, () => ALPHABET[pick(32)]).join('')
  return body + check(body)
}

const random = (most: number) => crypto.getRandomValues(new Uint8Array(1))[0]! % most

/** What was typed or scanned, an address too; null for what is no code. */
export function readCode(text: string): string | null {
  const last = text.trim().split(/[/?#=]/).filter(Boolean).at(-1) ?? ''
  const found = last.toUpperCase().replace(/[\s\u00a0-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  if (found.length !== LENGTH || [...found].some((c) => !ALPHABET.includes(c))) return null
  return check(found.slice(0, -1)) === found.at(-1) ? found : null
}

export const shownCode = (code: string) => `${code.slice(0, 4)}-${code.slice(4)}`
