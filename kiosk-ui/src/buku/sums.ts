/** Sums of a farm book by season, with what has not been sent yet. As the regency counts them (`modules/farming/book.py`). Pure. */
import type { LineIn } from './entry'

export interface Line {
  id: number
  season: string
  day: string
  kind: 'activity' | 'input' | 'harvest' | 'sale' | 'strike'
  what: string
  amount: number | null
  unit: string
  cost: number
  income: number
  by: string
  said: string | null
  strikes: number | null
}

export interface Shown extends Line {
  struck: boolean
  /** not at the regency yet */
  waiting: boolean
  /** why the regency did not take it: the code of its error */
  refused: string
}

export interface Waiting {
  line: LineIn
  refused: string
}

export interface Season {
  season: string
  lines: Shown[]
  cost: number
  income: number
  profit: number
  /** t */
  harvest: number
}

const TONNE: Record<string, number> = { kg: 0.001, kuintal: 0.1, ton: 1 }

/** The newest season first, and in it the newest line; what was struck stays to be seen and counts for nothing. */
export function seasons(lines: Line[], waiting: Waiting[], current: string): Season[] {
  const sent = new Set(lines.map((l) => l.said))
  const queued = waiting.filter((w) => !sent.has(w.line.id))
  const struck = new Set([...lines.map((l) => l.strikes), ...queued.filter((w) => !w.refused).map((w) => w.line.strikes ?? null)])
  const own = queued
    .filter((w) => w.line.kind !== 'strike')
    .map((w, n): Shown => {
      const { line } = w
      return {
        id: -1 - n,
        season: current.includes('-') && current <= line.day ? current : line.day.slice(0, 4),
        day: line.day,
        kind: line.kind,
        what: line.what,
        amount: line.amount ?? null,
        unit: line.unit ?? '',
        cost: line.cost ?? 0,
        income: line.income ?? 0,
        by: '',
        said: line.id,
        strikes: null,
        struck: false,
        waiting: true,
        refused: w.refused,
      }
    })
  const all = [...lines.filter((l) => l.kind !== 'strike').map((l) => ({ ...l, struck: struck.has(l.id), waiting: false, refused: '' })), ...own]
  const bySeason = new Map<string, Shown[]>()
  for (const line of all) bySeason.set(line.season, [...(bySeason.get(line.season) ?? []), line])
  return [...bySeason]
    .sort(([a], [b]) => b.localeCompare(a))
    .map(([season, some]) => {
      const standing = some.filter((l) => !l.struck && !l.refused)
      const sum = (of: (l: Shown) => number) => standing.reduce((total, l) => total + of(l), 0)
      const cost = sum((l) => l.cost)
      const income = sum((l) => l.income)
      const harvest = sum((l) => (l.kind === 'harvest' ? (l.amount ?? 0) * (TONNE[l.unit] ?? 0) : 0))
      return { season, lines: some.sort((a, b) => b.day.localeCompare(a.day) || b.id - a.id), cost, income, profit: income - cost, harvest }
    })
}
