/** A line of the farm book while it is being written: what was typed, what is wrong with it, and what is sent. Pure. */
import { typed } from '../lahan/draft'

export const KINDS = ['activity', 'input', 'harvest', 'sale'] as const
export type Kind = (typeof KINDS)[number]

/** What is offered to be touched instead of typed, by kind; the words are `buku.common.<name>`. */
export const COMMON: Record<Kind, string[]> = {
  activity: ['plough', 'plant', 'weed', 'spray', 'wages'],
  input: ['seed', 'urea', 'npk', 'manure', 'pesticide', 'fuel'],
  harvest: [],
  sale: [],
}
export const UNITS: Record<Kind, string[]> = {
  activity: [],
  input: ['kg', 'liter', 'karung', 'bungkus'],
  harvest: ['kg', 'kuintal', 'ton'],
  sale: ['kg', 'kuintal', 'ton', 'ikat', 'butir'],
}

export interface Draft {
  kind: Kind
  what: string
  amount: string
  unit: string
  rupiah: string
  /** ISO, local */
  day: string
}

/** As the regency takes it; `id` is made here, so that what is sent twice counts once. */
export interface LineIn {
  id: string
  kind: Kind | 'strike'
  what: string
  amount?: number
  unit?: string
  cost?: number
  income?: number
  day: string
  strikes?: number
}

export const blank = (kind: Kind, day: string, what = ''): Draft => ({ kind, what, amount: '', unit: UNITS[kind][0] ?? '', rupiah: '', day })

/** Whole rupiah as people type it: 150000, 150.000, Rp150.000; NaN for anything else. */
export function rupiah(text: string): number {
  const value = typed(text.replace(/^rp\.?\s*/i, ''))
  return Number.isInteger(value) ? value : NaN
}

export const MOST_RUPIAH = 100_000_000_000
export type Wrong = Partial<Record<'what' | 'amount' | 'rupiah' | 'day', string>>

/** What is wrong, by field, as message keys; empty when it can be kept. */
export function problems(draft: Draft, today: string): Wrong {
  const wrong: Wrong = {}
  const amount = draft.amount.trim() ? typed(draft.amount) : null
  const money = draft.rupiah.trim() ? rupiah(draft.rupiah) : null
  if (!draft.what.trim()) wrong.what = 'buku.wrong.what'
  if (draft.kind === 'harvest' ? !(amount && amount > 0) : amount !== null && !(amount >= 0 && amount <= 1e9)) {
    wrong.amount = draft.kind === 'harvest' ? 'buku.wrong.harvest' : 'buku.wrong.amount'
  }
  if (money === null ? draft.kind === 'sale' : !(money >= 0 && money <= MOST_RUPIAH) || (draft.kind === 'sale' && money === 0)) {
    wrong.rupiah = draft.kind === 'sale' ? 'buku.wrong.sale' : 'buku.wrong.rupiah'
  }
  if (!/^\d{4}-\d\d-\d\d$/.test(draft.day)) wrong.day = 'buku.wrong.day'
  else if (draft.day > today) wrong.day = 'buku.wrong.future'
  return wrong
}

/** A draft without problems as it is sent. */
export function body(draft: Draft, id: string): LineIn {
  const amount = draft.amount.trim() ? typed(draft.amount) : null
  const money = draft.rupiah.trim() ? rupiah(draft.rupiah) : 0
  return {
    id,
    kind: draft.kind,
    what: draft.what.trim().slice(0, 120),
    day: draft.day,
    ...(amount === null ? {} : { amount, unit: draft.unit }),
    ...(money ? (draft.kind === 'sale' ? { income: money } : { cost: money }) : {}),
  }
}

export const newId = (): string => `hp-${[...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, '0')).join('')}`
