/** Shapes of the cloud's API of people and silences. Text times are ISO 8601 with +07:00. */

import type { Role } from './types'

/** Somebody who hears of alarms; `village` is empty for the regency's own. */
export interface Person {
  id: string
  village: string
  name: string
  role: Role
  language: string
  addresses: { channel: string; address: string }[]
  fields: string[]
  hears: string[]
  least: number
  quiet: { from: string; to: string } | null
  active: boolean
}

/** Alarms that tell nobody for a time; what is null fits everything. */
export interface Silence {
  id: string
  village: string | null
  rule: string | null
  node: string | null
  device: string | null
  start: string
  until: string
  by: string
  reason: string
  ended: string | null
  ended_by: string | null
  state: 'holds' | 'over' | 'ended'
}
