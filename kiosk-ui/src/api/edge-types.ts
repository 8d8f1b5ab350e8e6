/** Shapes of the kiosk's own API that only the kiosk's page reads. */
import type { Link, Saving, Text, VillageName } from './types'

export interface EdgeVillage {
  village: VillageName
  node: string
  panel: { mm: number } | null
  languages: string[]
  /** whether alarms are heard, and whether the edge has a program that speaks */
  sound?: { on: boolean; speaks: boolean }
  /** whether numbers of the office's queue are taken here */
  queue?: boolean
}

export interface Announcement {
  id: string
  title: Text
  body: Text
  from: string | null
  until: string | null
}

export interface EdgeHealth {
  status: 'ok' | 'degraded'
  saving?: Saving
  link: Link & { detail?: string }
}
