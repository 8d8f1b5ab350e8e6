/** A field while it is being registered: what was typed, what is wrong with it, and what is sent. Pure. */
import type { Given, KnownField } from './given'

export interface Draft {
  by: string
  name: string
  latitude: number | null
  longitude: number | null
  /** of the phone's position, in metres; null when it was pointed at */
  accuracy: number | null
  crop: string
  variety: string
  /** of planting */
  day: string
  month: string
  year: string
  unplanted: boolean
  texture: string
  area: string
  unit: 'm2' | 'ha'
  flow: string
  /** seconds in which a bucket of ten litres fills */
  bucket: string
  /** chosen devices, with the day since when each stands here (ISO), where it was moved */
  sensors: Record<string, string>
  phone: string
  helped: string
}

export const STEPS = ['by', 'place', 'name', 'crop', 'variety', 'planted', 'texture', 'area', 'flow', 'sensors', 'phone', 'helped'] as const
export type Step = (typeof STEPS)[number]

/** A message's key with its values. */
export type Problem = { key: string; values?: Record<string, string | number> } | null

export const blank = (): Draft => ({
  by: '',
  name: '',
  latitude: null,
  longitude: null,
  accuracy: null,
  crop: '',
  variety: '',
  day: '',
  month: '',
  year: '',
  unplanted: false,
  texture: '',
  area: '',
  unit: 'm2',
  flow: '',
  bucket: '',
  sensors: {},
  phone: '',
  helped: '',
})

/** As a registered field stands, to be changed. */
export function draftOf(field: KnownField): Draft {
  const [year = '', month = '', day = ''] = (field.planted ?? '').split('-')
  const devices = new Set(field.sensors.map((s) => s.series.slice(0, s.series.lastIndexOf('.'))))
  return {
    ...blank(),
    name: field.name,
    latitude: field.latitude,
    longitude: field.longitude,
    crop: field.crop,
    variety: field.variety,
    day: day.replace(/^0/, ''),
    month: month.replace(/^0/, ''),
    year,
    unplanted: field.planted === null,
    texture: field.texture,
    area: String(field.area).replace('.', ','),
    flow: field.flow === null ? '' : String(field.flow).replace('.', ','),
    sensors: Object.fromEntries([...devices].map((d) => [d, ''])),
  }
}

/** A number as people here type it: 1.250,5 or 1250.5; NaN for anything else. */
export function typed(text: string): number {
  const plain = text.trim().replace(/\s/g, '')
  if (/^\d{1,3}(\.\d{3})+(,\d+)?$/.test(plain)) return Number(plain.replaceAll('.', '').replace(',', '.'))
  return /^\d+([.,]\d+)?$/.test(plain) ? Number(plain.replace(',', '.')) : NaN
}

/** The typed day as ISO; empty where it is no day. */
export function isoDay(day: string, month: string, year: string): string {
  const [d, m, y] = [day, month, year].map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : NaN)) as [number, number, number]
  const at = new Date(Date.UTC(y, m - 1, d))
  if (!(y > 1900 && y < 3000) || at.getUTCMonth() !== m - 1 || at.getUTCDate() !== d) return ''
  return at.toISOString().slice(0, 10)
}

export const planted = (draft: Draft): string | null => (draft.unplanted ? null : isoDay(draft.day, draft.month, draft.year) || null)
export const squareMetres = (draft: Draft): number => typed(draft.area) * (draft.unit === 'ha' ? 10_000 : 1)

/** Litres a second; null where it is not known, NaN where it is nonsense. */
export function litres(draft: Draft): number | null {
  if (draft.bucket.trim()) return Math.round((10 / typed(draft.bucket)) * 100) / 100
  return draft.flow.trim() ? typed(draft.flow) : null
}

const ANNUAL_DAYS = 500
const YEARS = 40
const DAY_MS = 86_400_000

/** What is wrong with the answer to a question, in words that say what to do; null when it can stand. `today` is the local day. */
export function problem(step: Step, draft: Draft, given: Given, today: string, where: (latitude: number, longitude: number) => Problem): Problem {
  const wrong = (key: string, values?: Record<string, string | number>): Problem => ({ key: `lahan.wrong.${key}`, ...(values ? { values } : {}) })
  switch (step) {
    case 'by':
      return draft.by.trim() ? null : wrong('by')
    case 'name':
      return draft.name.trim() ? null : wrong('name')
    case 'place':
      return draft.latitude === null || draft.longitude === null ? wrong('place') : where(draft.latitude, draft.longitude)
    case 'crop':
      return given.crops.some((c) => c.name === draft.crop) ? null : wrong('crop')
    case 'texture':
      return given.soils.some((s) => s.name === draft.texture) ? null : wrong('texture')
    case 'planted': {
      const annual = given.crops.find((c) => c.name === draft.crop)?.annual ?? true
      const empty = !draft.day.trim() && !draft.month.trim() && !draft.year.trim()
      if (draft.unplanted || (!annual && empty)) return null
      if (empty) return wrong('planted')
      const iso = isoDay(draft.day, draft.month, draft.year)
      if (!iso) return wrong('day')
      if (iso > today) return wrong('future')
      const age = (Date.parse(today) - Date.parse(iso)) / DAY_MS
      return age > (annual ? ANNUAL_DAYS : YEARS * 365) ? wrong('longago') : null
    }
    case 'area': {
      const area = squareMetres(draft)
      return area > 0 && area <= 10_000_000 ? null : wrong('area')
    }
    case 'flow': {
      const flow = litres(draft)
      return flow === null || (flow > 0 && flow <= 10_000) ? null : wrong('flow')
    }
    case 'sensors': {
      const late = Object.values(draft.sensors).find((since) => since > today)
      return late ? wrong('future') : null
    }
    case 'phone':
      return !draft.phone.trim() || /^(\+62|0)8[\d -]{7,15}$/.test(draft.phone.trim()) ? null : wrong('phone')
    default:
      return null
  }
}

export type Body = ReturnType<typeof body>

/** As the kiosk and the regency take it. `own`: the field that is changed. */
export function body(draft: Draft, given: Given, devices: { device: string; series: string[] }[], own: string | null) {
  const sensors = devices
    .filter((d) => d.device in draft.sensors)
    .flatMap((d) =>
      d.series.map((series) => {
        const elsewhere = given.taken[series] && given.taken[series].field !== own
        return draft.sensors[d.device] && elsewhere ? { series, since: draft.sensors[d.device]! } : { series }
      }),
    )
  const helped = draft.helped.trim()
  const phone = draft.phone.trim()
  return {
    name: draft.name.trim(),
    crop: draft.crop,
    texture: draft.texture,
    area: squareMetres(draft),
    latitude: draft.latitude!,
    longitude: draft.longitude!,
    by: draft.by.trim(),
    variety: draft.variety.trim(),
    sensors,
    ...(planted(draft) ? { planted: planted(draft)! } : {}),
    ...(litres(draft) === null ? {} : { flow: litres(draft)! }),
    ...(helped ? { helped } : {}),
    ...(phone ? { phone } : {}),
  }
}
