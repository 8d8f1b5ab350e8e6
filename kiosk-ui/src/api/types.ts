/** Shapes of the edge's and the cloud's API. Text times are ISO 8601 with +07:00; arrays for charts are milliseconds UTC. */

export type Text = Record<string, string>
export type Quality = 1 | 2 | 3 | 4 | 9
export type Origin = 'sensor' | 'recording' | 'synthetic'

export interface Last {
  at: string
  value: number
  quality: Quality
}

export interface Series {
  id: string
  village: string
  node: string
  device: string
  quantity: string
  unit: string
  last: Last | null
  name: Text
  decimals: number
  title: string | null
  model: string | null
  origin: Origin | null
  note: string | null
}

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

export interface Threshold {
  value: number
  severity: number
  label: string
  /** two when nothing is said */
  decimals?: number
  /** its word stands at the right end of the line */
  right?: boolean
}

export interface Calibration {
  id: string
  method: string
  gain: number
  offset: number
  /** shown, true */
  points: [number, number][]
  by: string | null
  at: string | null
}

/** What stood behind readings with from <= t < to. With a boot: behind its readings, whose true time nobody knows. */
export interface Provenance {
  from: number
  to: number | null
  model: string
  origin: Origin
  calibration: Calibration | null
  derived: { from: string; name: Text; gain: number; offset: number } | null
  corrected?: { method: string; from: string; humidity: string; pair: string | null; name: Text; caution: Text | null; source: string | null } | null
  boot: string | null
}

/** A test gave its flag to `count` readings from `from` to `to`. */
export interface Doubt {
  test: string
  name: Text
  flag: Quality
  from: number
  to: number
  count: number
  by: 'kiosk' | 'regency'
}

/** A test in force, whose numbers these are and where they come from. */
export interface Test {
  test: string
  name: Text
  limits: Record<string, unknown>
  by: 'catalogue' | 'site' | 'regency'
  source: string
}

export interface QualityAnswer {
  id: string
  unit: string
  start: number
  stop: number
  /** readings by flag; null where they are too many to count */
  flags: Record<string, number> | null
  tests: Test[]
  doubts: Doubt[]
  judged: { t: number; value: number; flag: Quality; test: string; name: Text; by: 'kiosk' | 'regency'; at: number }[]
  judged_count: number
}

export interface Window {
  id: string
  unit: string
  start: number
  stop: number
  every: number | null
  t: number[]
  v?: (number | null)[]
  q?: Quality[]
  mean?: (number | null)[]
  min?: (number | null)[]
  max?: (number | null)[]
  count?: number[]
  thresholds?: Threshold[]
  provenance?: Provenance[]
}

export interface Content<D> {
  key: string
  version: number
  at: string
  document: D
}

export interface VillageName {
  code: string
  name: string
  type: string
  kecamatan: string
  kabupaten?: string
}

export interface Link {
  state: 'up' | 'down'
  since: string | null
}

/** Whether the kiosk's disk takes what is read and asked for. */
export interface Saving {
  saves: boolean
  since: string | null
}

/** One part of the centre. */
export interface Check {
  ok: boolean
  since: string
  detail: string
}

export interface CloudHealth {
  status: 'ok' | 'degraded'
  checks: Record<string, Check>
}

export interface Reading {
  id: string
  at: string
  value: number
  quality: Quality
}

export interface Village {
  code: string
  name: string
  type: string
  kecamatan: string
  lat: number
  lng: number
}

export interface Epoch {
  epoch: string
  first: number
  last: number
  known: number
  missing: [number, number][]
  missing_count: number
  readings: number
  current: boolean
}

export interface Node {
  village: string
  node: string
  state: 'online' | 'offline' | 'conflict'
  since: string | null
  last_seen: string | null
  version: string | null
  spooled: number | null
  clock: string | null
  readings: number
  complete: boolean
  /** How many of `readings` have a time that no clock vouches for. */
  estimated?: number
  summary: Text
  /** The last seven days. */
  week?: { readings: number; expected_missing: number; summary: Text }
  epochs: Epoch[]
}

export interface Field {
  id: string
  village: string
  name: string
  crop: Text
  farmer: string
  series: string[]
  synthetic: boolean
  area_ha: number | null
}

/** A field as staff registered it; `area` in m². */
export interface FarmField {
  id: string
  village: string
  name: string
  crop_title: Text
  area: number
  sensors: { series: string; since: string; until: string | null }[]
}

export interface AdviceReason {
  sentence: string
  numbers: Record<string, number | string | null>
  method: string
  source: string
}

export interface AdviceAction {
  kind: string
  urgency: 'sekarang' | 'hari ini' | 'minggu ini' | 'catatan'
  sentence: string
  indicative: boolean
  reason: AdviceReason
}

/** The morning's list of a field; `answers` by kind of action. */
export interface FieldAdvice {
  field: string
  name: string
  colour: string
  made: string
  actions: AdviceAction[]
  answers: Record<string, { answer: string; by: string }>
}

/** What the village's kiosks get: the lists of a `day` (ISO). */
export interface AdviceDocument {
  day: string
  fields: FieldAdvice[]
}

export interface DeadLetter {
  id: number | string
  at: string
  topic: string
  reason: string
  code: string
  detail: string
  count: number
  size: number
  bytes: string
}

export type OutputState = 'on' | 'off' | 'unknown'

/** An output as its own kiosk knows it. `silent` seconds of the guard, null when it was never heard. */
export interface KioskOutput {
  name: string
  title: string
  state: OutputState
  since: string
  until: string | null
  cause: string
  code: string
  detail: string
  max_on: number
  guard: { series: string; age: number; silent: number | null; ok: boolean } | null
}

/** An output as the regency knows it: so it was at `as_of`. */
export interface Output {
  village: string
  node: string
  name: string
  title: string
  model: string
  origin: Origin
  max_on: number
  guard: string | null
  guard_age: number | null
  state: OutputState
  since: string | null
  until: string | null
  cause: string | null
  code: string | null
  online: boolean
  as_of: string | null
}

export interface Command {
  id: string
  village: string
  node: string
  output: string
  on: boolean
  seconds: number | null
  actor: string
  reason: string
  at: string
  expires: string
  state: 'queued' | 'sent' | 'done' | 'refused' | 'failed' | 'expired' | 'replaced'
  sends: number
  answered_at: string | null
  code: string | null
  detail: string | null
  until: string | null
}

/** A line of the audit trail; the later fields belong to its kind. */
export interface LogLine {
  id: number
  at: string
  node: string
  output: string
  kind: 'asked' | 'sent' | 'answered' | 'expired' | 'replaced' | 'switched'
  command: string | null
  on: boolean | null
  seconds: number | null
  actor: string | null
  reason: string | null
  answer: string | null
  state: OutputState | null
  cause: string | null
  code: string | null
  detail: string | null
  until: string | null
  sends: number | null
}
