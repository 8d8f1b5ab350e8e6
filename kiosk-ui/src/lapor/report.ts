/** A report as it is written, and the ticket that follows from its id, as the contract makes it. */

export type Kind = 'rubbish' | 'spill' | 'tree' | 'burning' | 'road' | 'lamp' | 'other'

export const KINDS: Kind[] = ['rubbish', 'spill', 'tree', 'burning', 'road', 'lamp', 'other']
export const MOST_TEXT = 500
export const MOST_SPOT = 120

export interface Draft {
  id: string
  kind: Kind | null
  /** a village's code; at a kiosk its own */
  village: string | null
  latitude: number | null
  longitude: number | null
  accuracy: number | null
  spot: string
  text: string
  /** base64 of a JPEG */
  photo: string
  contact: string
}

export interface Ticket {
  ticket: string
  word: string
  /** false while it waits for the line */
  sent: boolean
}

export const empty = (village: string | null): Draft => ({
  id: newId(), kind: null, village, latitude: null, longitude: null, accuracy: null, spot: '', text: '', photo: '', contact: '',
})

/** 128 random bits: the ticket and its word follow from them, and nobody else can know them. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
}

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const CONSONANTS = 'bcdghjklmnprstwy'
const VOWELS = 'aiou'

export function ticketOf(id: string): string {
  const bits = BigInt(`0x${id.slice(0, 10)}`)
  const said = Array.from({ length: 8 }, (_, i) => DIGITS[Number((bits >> BigInt(35 - 5 * i)) & 31n)]).join('')
  return `LP-${said.slice(0, 4)}-${said.slice(4)}`
}

export function wordOf(id: string): string {
  const bits = BigInt(`0x${id.slice(10, 19)}`)
  const said = Array.from({ length: 6 }, (_, i) => {
    const six = Number((bits >> BigInt(30 - 6 * i)) & 63n)
    return CONSONANTS[six >> 2]! + VOWELS[six & 3]!
  })
  return [0, 2, 4].map((n) => said[n]! + said[n + 1]!).join('-')
}

/** What goes out, from a kiosk or from a phone: nothing that is empty. */
export function body(draft: Draft, from: 'kiosk' | 'phone', at: number): Record<string, unknown> {
  const place = draft.latitude === null ? {} : { latitude: draft.latitude, longitude: draft.longitude, ...(draft.accuracy === null ? {} : { accuracy: draft.accuracy }) }
  const said = { id: draft.id, kind: draft.kind, spot: draft.spot.trim(), text: draft.text.trim(), photo: draft.photo, ...place }
  return from === 'kiosk' ? said : { ...said, village: draft.village, at, contact: draft.contact.trim() }
}
