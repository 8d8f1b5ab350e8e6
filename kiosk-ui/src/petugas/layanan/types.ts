import type { Clock } from '../../components/serviceclock/clock'

/** As the API tells requests, services and letters. */
export interface Row {
  id: string
  village: string
  service: string
  title: string
  channel: string
  name: string
  state: string
  state_title: string
  opened: string
  since: string
  due: string | null
  /** working minutes, below nothing when late */
  left: number | null
  late: boolean
  /** who was told last that it is late */
  passed_to: string | null
  note: string
  number: string | null
  acts: string[]
}

export interface Case extends Row {
  person: Record<string, string>
  /** his number in the register, where he was found there */
  resident: number | null
  answers: { field: string; question: string; kind: string; value: unknown; text: string }[]
  clock: Clock
  steps: { at: string; act: string; who: string; actor: string; state: string; title: string; note: string }[]
  letter: Letter | null
  needs: Need[]
  annexes: string[]
  /** those of them that can be printed, filled */
  forms: string[]
  gate: Gate | null
  lookups: Lookup[]
}

/** A register that may be asked about the applicant; `mark` where it is simulated. */
export interface Lookup {
  source: 'dukcapil' | 'dtsen'
  name: string
  connected: boolean
  mark: string | null
  needs_nik: boolean
  answer: {
    at: string
    by: string
    text: string
    remedy: string
    warns: boolean
    fields: { field: string; title: string; agrees: boolean | null; text: string }[]
    decile: number | null
  } | null
}

export interface Trouble {
  name: string
  why: string
  text: string
  remedy: string
  mark: string | null
}

/** What Sedekah Oksigen asks of a request; `passed` is null before it was decided. */
export interface Gate {
  title: string
  decree: string
  /** whether it may hold the letter up, or only asks */
  binding: boolean
  need: number
  accepts: ('pledge' | 'proof')[]
  grace_days: number
  exemptions: { id: string; title: string }[]
  passed: boolean | null
  reason: string
  how: string
  named: string[]
  pledges: boolean
  exempt: string[]
}

export interface Need {
  name: string
  required: boolean
  shown: boolean
}

export interface Letter {
  id: string
  request: string
  service: string
  title: string
  number: string
  day: string
  until: string | null
  signer: string
  revoked: string | null
  reason: string
  signature: Signature
}

/** Which signature a letter has: `none` is the village's alone, `signed` BSrE's too; `mark` where BSrE is simulated. */
export interface Signature {
  connected: boolean
  state: 'none' | 'asked' | 'signed' | 'failed'
  text: string
  trouble: string
  remedy: string
  mark: string | null
  signer: string
  issuer: string
  at: string | null
}

/** What became of one letter that was sent to BSrE. */
export interface Certified {
  letter: string
  number: string
  outcome: string
  text: string
  remedy: string
  /** the next letter would fail in the same way */
  stops: boolean
}

export interface Field {
  id: string
  kind: 'text' | 'long' | 'number' | 'money' | 'date' | 'time' | 'choice' | 'yes' | 'person' | 'phone' | 'place'
  question: string
  example: string
  required: boolean
  choices: string[]
  only: { field: string; equals: string | boolean } | null
}

export interface Service {
  id: string
  title: string
  summary: string
  kind: 'letter' | 'forward'
  self_service: boolean
  civil: boolean
  oksigen: boolean
  fee: number
  words: string[]
  forward_to: string
}

export interface Definition extends Service {
  definition: { fields: Field[]; standard: Record<string, string>; limits: { checking: number; signature: number }; source: string }
}

/** Fields that are asked with these answers, in their order. A condition on a field that was not asked itself does not hold. */
export function asked(fields: Field[], answers: Record<string, unknown>): Field[] {
  const names = new Set<string>()
  return fields.filter((f) => {
    const is = !f.only || (names.has(f.only.field) && answers[f.only.field] === f.only.equals)
    if (is) names.add(f.id)
    return is
  })
}

/** Services whose title, summary or words hold every word of `text`. */
export function matching<T extends { title: string; summary: string; words: string[] }>(services: T[], text: string): T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return services.filter((s) => {
    const said = `${s.title} ${s.summary} ${s.words.join(' ')}`.toLowerCase()
    return words.every((w) => said.includes(w))
  })
}
