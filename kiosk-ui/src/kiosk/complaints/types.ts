/** A complaint as it is written at the kiosk, and the questions that are asked for it. */
import { newId } from '../../lapor/report'

export type About = 'service' | 'letter' | 'conduct' | 'facility' | 'fee'
export type Known = 'nobody' | 'inspectorate' | 'office'
export type When = 'today' | 'yesterday' | 'before'
export type Step = 'about' | 'whom' | 'reference' | 'asked' | 'when' | 'text' | 'known' | 'name' | 'contact'

export const ABOUT: About[] = ['service', 'letter', 'conduct', 'facility', 'fee']
export const WHEN: When[] = ['today', 'yesterday', 'before']
export const MOST_TEXT = 600
export const LEAST_TEXT = 10

export interface Draft {
  id: string
  about: About | null
  /** of conduct: about the village head */
  head: boolean | null
  reference: string
  /** Rp, as typed */
  asked: string
  when: When | null
  text: string
  known: Known | null
  name: string
  contact: string
}

export interface Taken {
  ticket: string
  word: string
  sent: boolean
  /** the village will not see it */
  past: boolean
}

export interface Told {
  state: 'received' | 'checking' | 'asked' | 'answered' | 'dismissed' | 'closed' | 'lapsed' | 'withdrawn'
  since: number
  note: string
  may: ('supply' | 'object' | 'accept' | 'withdraw')[]
  due?: string | null
  office?: string
}

export interface Followed {
  ticket: string
  sent: boolean
  told: Told | null
}

export const empty = (): Draft => ({
  id: newId(), about: null, head: null, reference: '', asked: '', when: null, text: '', known: null, name: '', contact: '',
})

/** Money that was asked for, and the village head, are not the village's to judge. */
export const past = (draft: Draft): boolean => draft.about === 'fee' || (draft.about === 'conduct' && draft.head === true)

/** Who may be let know: of what goes past the village its office never does. */
export const mayKnow = (draft: Draft): Known[] => (past(draft) ? ['nobody', 'inspectorate'] : ['nobody', 'inspectorate', 'office'])

export function steps(draft: Draft): Step[] {
  const own: Record<About, Step[]> = { service: ['reference'], letter: ['reference'], conduct: ['whom'], facility: [], fee: ['asked'] }
  const who: Step[] = draft.known && draft.known !== 'nobody' ? ['name', 'contact'] : []
  return ['about', ...(draft.about ? own[draft.about] : []), 'when', 'text', 'known', ...who]
}

/** May stay empty. */
export const OPTIONAL: Step[] = ['reference', 'asked', 'contact']

export function missing(draft: Draft, step: Step): boolean {
  switch (step) {
    case 'about': return draft.about === null
    case 'whom': return draft.head === null
    case 'when': return draft.when === null
    case 'text': return draft.text.trim().length < LEAST_TEXT
    case 'known': return draft.known === null || !mayKnow(draft).includes(draft.known)
    case 'name': return !draft.name.trim()
    default: return false
  }
}

/** What is sent: only answers to questions that were asked. `now`: ms UTC. */
export function body(draft: Draft, now: number): Record<string, unknown> {
  const asked = steps(draft)
  const said: Record<string, unknown> = { id: draft.id, about: draft.about, text: draft.text.trim(), known: draft.known }
  if (asked.includes('reference') && draft.reference.trim()) said.reference = draft.reference.trim()
  const money = Number(draft.asked.replace(/\D/g, ''))
  if (asked.includes('asked') && money) said.asked = money
  if (asked.includes('whom')) said.head = draft.head
  if (draft.when && draft.when !== 'before') said.day = localDay(now - (draft.when === 'yesterday' ? 86_400_000 : 0))
  if (asked.includes('name')) Object.assign(said, { name: draft.name.trim(), contact: draft.contact.trim() })
  return said
}

/** ISO day in WIB. */
const localDay = (ms: number): string => new Date(ms + 7 * 3_600_000).toISOString().slice(0, 10)
