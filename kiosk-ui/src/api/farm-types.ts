/** Shapes of fields and their morning lists. */

import type { CropChoice, KnownField, SoilChoice } from '../lahan/given'
import type { Alarm, Field, Series, Text } from './types'

/** A registered field; `area` in m², `age` in days since planting. */
export interface FarmField extends Omit<KnownField, 'sensors' | 'told'> {
  village: string
  crop_title: Text
  age: number | null
  sensors: { series: string; since: string; until: string | null }[]
}

/** A village that has fields. */
export interface FarmVillage {
  code: string
  name: string
  kecamatan: string
  fields: number
}

/** All that the farmer's page shows first; `fields` are of the regency's configuration. */
export interface Today {
  fields: Field[]
  registered: FarmField[]
  series: Series[]
  alarms: Alarm[]
  advice: AdviceDocument | null
}

/** What was said of a field this season, for whoever holds its key. */
export interface FieldSaid {
  field: string
  age: number | null
  stages: Record<string, string>
  leaves: LeafReading[]
  tell: number
}

/** Ten leaves by the colour chart: `urea` in kg/ha by target in t/ha, `kg` for this field at its own `target`. */
export interface LeafReading {
  day: string
  by: string
  age: number
  readings: number[]
  mean: number
  pale: number
  verdict: 'feed' | 'enough' | 'early' | 'late'
  target: number
  urea: Record<string, number>
  kg: number
  source: string
  photo: string | null
}

/** The field's water by day, in mm; columns of equal length. */
export interface Balance {
  field: string
  day: string[]
  depletion: number[]
  sd: number[]
  raw: number[]
  taw: number[]
  ks: number[]
  et0: number[]
  rain: number[]
  irrigation: number[]
  probe: (number | null)[]
  method: string[]
}

/** A sentence by name with what is filled in; of a name by language its `text`. */
export interface Phrase {
  say: string
  with: Record<string, string | number | Phrase | { text: Text }>
}

/** `sentence` is Indonesian; `said` for the other languages, absent from lists of earlier releases. */
export interface AdviceReason {
  sentence: string
  said?: Phrase
  numbers: Record<string, number | string | null>
  method: string
  source: string
}

export interface AdviceAction {
  kind: string
  urgency: 'sekarang' | 'hari ini' | 'minggu ini' | 'catatan'
  sentence: string
  said?: Phrase
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
  /** sentences by language and name, once for all lists */
  words?: Record<string, Record<string, string>>
  fields: FieldAdvice[]
}
