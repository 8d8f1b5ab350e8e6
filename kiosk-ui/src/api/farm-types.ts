/** Shapes of fields and their morning lists. */

import type { CropChoice, KnownField, SoilChoice } from '../lahan/given'
import type { Text } from './types'

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

/** The regency's record of an answer; `at` in milliseconds. */
export interface AdviceAnswer {
  answer: string
  by: string
  at?: number
}

/** Given at this kiosk; `sent` once it has left. */
export interface AdviceAnswerHere {
  answer: string
  by: string
  at: string
  sent: boolean
}

/** The morning's list of a field; `answers` by kind of action, and those given `here`, which only a kiosk tells. */
export interface FieldAdvice {
  field: string
  name: string
  colour: string
  made: string
  actions: AdviceAction[]
  answers: Record<string, AdviceAnswer>
  here?: Record<string, AdviceAnswerHere>
}

/** A registration at this kiosk that the regency has not answered, or has refused with a reason. */
export interface FieldHere {
  id: string
  field: string
  name: string
  crop: string
  by: string
  at: string
  new: boolean
  sent: boolean
  refused: string | null
}

/** What a kiosk answers to a registration; the key and its QR code are told this once, for a new field. */
export interface FieldTold {
  id: string
  field: string
  name: string
  key?: string
  link?: string | null
  qr?: string | null
}

/** What the village's kiosks know of its fields, and can offer. */
export interface FieldsDocument {
  crops: CropChoice[]
  soils: SoilChoice[]
  fields: KnownField[]
  here?: FieldHere[]
}

/** What the village's kiosks get: the lists of a `day` (ISO). */
export interface AdviceDocument {
  day: string
  fields: FieldAdvice[]
}
