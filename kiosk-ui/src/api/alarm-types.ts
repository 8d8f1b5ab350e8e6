/** Shapes of alarms: what they are, what people did about them, who was told, and what explains them. */

import type { Quality, Text } from './types'

export interface Alarm {
  id: string
  rule: string
  village: string
  node: string
  about: string
  /** Waspada, Siaga, Awas; or Siaga 3, 2, 1 */
  scale: 'waspada' | 'siaga'
  /** the series, or the village for a rule over several */
  scope: string
  /** what raised it */
  series: string
  severity: 0 | 1 | 2 | 3
  word: string
  state: 'firing' | 'resolved' | 'withdrawn'
  since: string
  until: string | null
  value: number
  unit: string
  /** null where a rule has no single mark */
  threshold: number | null
  title: Text
  message: Text
  source: string
  worst: number
  worst_at: string
  became: string | null
  /** the kiosk's own word */
  local?: boolean
  /** null where the kiosk has heard of nothing */
  handling?: Handling | null
  /** at this kiosk; `sent` once the regency has it */
  seen?: { by: string; at: string; sent: boolean }[]
}

export type Via = 'page' | 'message' | 'kiosk' | 'system'

/** What people did about an alarm. */
export interface Handling {
  acknowledged: string | null
  acknowledged_by: string | null
  acknowledged_via: Via | null
  assigned: string | null
  assigned_to: string | null
  verdict: 'true' | 'false' | null
  verdict_by: string | null
}

interface Looks {
  quantity: string
  unit: string
  node?: string | null
  device?: string | null
  at_least?: number
}
export type Leaf = Looks &
  (
    | { type: 'threshold'; threshold: number; clear: number; direction?: 'above' | 'below' }
    | { type: 'band'; low: number; high: number; deadband?: number }
    | { type: 'rise'; change: number; within: string; clear: number }
    | { type: 'reach'; level: number; within: string; over: string; clear: string; direction?: 'above' | 'below' }
    | { type: 'silence'; after: string }
  )
export type Condition = Leaf | { type: 'all' | 'any'; parts: Condition[] }

/** A rule as it stands in the configuration; durations as 10m. */
export interface Rule {
  id: string
  village: string
  when: Condition
  severity: number
  title: Text
  message: Text
  source: string
  about?: string
  place?: string
  for?: string
  clear_for?: string
  fresh?: string
  suspect?: 'twice' | 'never' | 'counts'
  scale?: 'waspada' | 'siaga'
  hours?: { from: string; to: string; days?: number[] } | null
  inhibits?: string[]
}

export interface AlarmFigures {
  days: number
  alarms: number
  acknowledged: number
  false: number
  acknowledged_share: number | null
  false_share: number | null
}

/** An alarm under its newest name. */
export interface AlarmDetail extends Alarm {
  handling: Handling
  asked: string
  names: string[]
  rule_in_force: Rule | null
  figures: AlarmFigures
}

/** A line of an alarm's trail; the later fields belong to its kind. */
export interface AlarmLine {
  id: number
  alarm: string
  at: string
  kind: 'raised' | 'resolved' | 'withdrawn' | 'told' | 'acknowledged' | 'assigned' | 'commented' | 'marked' | 'escalated' | 'silenced' | 'inhibited'
  actor: string
  via: Via
  known?: string | null
  since?: string
  until?: string
  was?: string
  again?: boolean
  became?: string | null
  note?: string
  to?: string
  text?: string
  verdict?: 'true' | 'false'
  people?: number
  roles?: Partial<Record<Role, number>>
  reason?: string
}

export type Role = 'resident' | 'farmer' | 'rt' | 'desa' | 'petugas' | 'ppl' | 'bpbd' | 'operator'

/** What is said to a person about alarms; the name only with the key. */
export interface Message {
  id: string
  person: string | null
  name: string | null
  role: Role | null
  village: string
  kind: 'raised' | 'worse' | 'repeat' | 'escalated' | 'resolved' | 'cancelled' | 'digest' | 'test' | 'answer'
  alarms: string[]
  severity: number
  title: string
  text: string
  created: string
  due: string
  state: 'waiting' | 'sending' | 'sent' | 'failed' | 'expired' | 'dropped'
  channel: string | null
  sent_at: string | null
  detail: string | null
}

/** An attempt to deliver it; the address is masked. */
export interface Delivery {
  channel: string
  address: string
  attempt: number
  at: string
  outcome: 'trying' | 'sent' | 'retry' | 'failed' | 'unknown'
  detail: string | null
}

export type MarkKind = 'threshold' | 'clear' | 'low' | 'high' | 'low_clear' | 'high_clear' | 'level'

/** A series that an alarm's rule looked at. */
export interface Traced {
  id: string
  node: string
  device: string
  quantity: string
  unit: string
  name: Text
  /** what its device is called where it stands */
  title: string | null
  decimals: number
  every: number | null
  t: number[]
  v?: number[]
  q?: Quality[]
  mean?: number[]
  min?: number[]
  max?: number[]
  count?: number[]
  estimated?: number[]
  marks: { kind: MarkKind; value: number }[]
  /** t, value, flag */
  doubted: [number, number, Quality][]
}

export type PhaseName = 'pending' | 'firing' | 'clearing'

export interface Trace {
  alarm: string
  start: number
  stop: number
  series: Traced[]
  more: number
  phases: { phase: PhaseName; start: number; stop: number }[] | null
}
