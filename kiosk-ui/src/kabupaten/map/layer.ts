/** Shapes of the API's layers, and what a page makes of their values. */

export type ClassShape = 'disc' | 'ring' | 'triangle' | 'diamond' | 'square' | 'cross' | 'bar'

export interface LayerClass {
  key: string
  word: string
  colour: string
  shape: ClassShape
}

export interface Layer {
  key: string
  title: string
  about: string
  unit: string
  decimals: number
  source: string
  stale: number
  legend: LayerClass[]
}

export interface Value {
  value: number | null
  class: string | null
  n: number
  age: number | null
  old: boolean
}

export interface Sum extends Value {
  name: string
  known: number
  of: number
}

export interface Frame {
  key: string
  at: number
  villages: Record<string, Value>
  kecamatan: Record<string, Sum>
}

export type Level = 'desa' | 'kecamatan'

export const HOUR = 3_600_000
const WIB = 7 * HOUR

export interface Span {
  key: 'day' | 'month'
  step: number
  steps: number
}

/** 24 hours by the hour, 30 days by the day. */
export const SPANS: Span[] = [
  { key: 'day', step: HOUR, steps: 24 },
  { key: 'month', step: 24 * HOUR, steps: 30 },
]

/** Times of the slider from the oldest to now: whole hours, or ends of local days. The last one is null: now, whenever that is. */
export function stops(span: Span, now: number): (number | null)[] {
  const last = Math.floor((now + WIB) / span.step) * span.step - WIB
  const past = Array.from({ length: span.steps }, (_, i) => last - (span.steps - 1 - i) * span.step)
  return [...past.filter((at) => at < now), null]
}

export const classOf = (layer: Layer, value: Value | undefined) => layer.legend.find((c) => c.key === value?.class) ?? null

export const rankOf = (layer: Layer, value: Value | undefined) => layer.legend.findIndex((c) => c.key === value?.class)

/** How many places are in each class, and how many say nothing or are old. */
export function counted(layer: Layer, values: (Value | undefined)[]) {
  const none = values.filter((v) => !classOf(layer, v)).length
  const old = values.filter((v) => v?.old).length
  return { classes: layer.legend.map((c) => ({ ...c, count: values.filter((v) => v?.class === c.key).length })), none, old }
}

/** Message and count of how old something is. */
export function aged(ms: number): [string, { count: number }] {
  if (ms < HOUR) return ['layer.minutes', { count: Math.max(1, Math.round(ms / 60_000)) }]
  if (ms < 48 * HOUR) return ['layer.hours', { count: Math.round(ms / HOUR) }]
  return ['layer.days', { count: Math.round(ms / 24 / HOUR) }]
}
