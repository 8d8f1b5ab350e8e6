/** Shapes of the edge's and the cloud's API. Text times are ISO 8601 with +07:00; arrays for charts are milliseconds UTC. */

export type * from './alarm-types'
export type * from './farm-types'

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
  /** flags 4 and 9, counted however many readings there are */
  failed: number
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
  state: 'online' | 'offline' | 'conflict' | 'withdrawn'
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
