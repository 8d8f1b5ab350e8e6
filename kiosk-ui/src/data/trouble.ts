/** Parts of the centre that do not work, out of its health. */
import type { Check } from '../api/types'

/** Those that have words of their own, in the order in which they are told. */
export const PARTS: ReadonlySet<string> = new Set(['ingest', 'broker', 'telemetry', 'records'])

export interface Trouble {
  part: string
  since: string
  detail: string
}

export function troubles(checks: Record<string, Check>): Trouble[] {
  const order = [...PARTS]
  const place = (part: string) => (PARTS.has(part) ? order.indexOf(part) : order.length)
  return Object.entries(checks)
    .filter(([, check]) => !check.ok)
    .map(([part, { since, detail }]) => ({ part, since, detail }))
    .sort((a, b) => place(a.part) - place(b.part))
}
