import type { Clock } from '../../components/serviceclock/clock'

/** As the documents `services` and `requests` tell them. */
export interface Field {
  id: string
  kind: 'text' | 'long' | 'number' | 'money' | 'date' | 'time' | 'choice' | 'yes' | 'person' | 'phone' | 'place'
  question: string
  example?: string
  required?: boolean
  choices?: string[]
  only?: { field: string; equals: string | boolean }
}

export interface Service {
  id: string
  title: string
  summary: string
  words: string[]
  identity: boolean
  oksigen: boolean
  fee: number
  time: string
  forward_to: string
  fields: Field[]
  needs: { name: string; required: boolean; shown: boolean }[]
}

export interface Told {
  reference: string
  service: string
  sent: boolean
}

export interface Stands {
  reference: string
  service: string | null
  sent: boolean
  /** handed over, and not rated at this kiosk yet */
  survey: boolean
  /** `clock`: minutes until `since`, told where another office (Dukcapil) has a part */
  status: { state: string; title: string; next: string; since: number; note?: string; number?: string; clock?: Clock } | null
}

export type Answers = Record<string, unknown>

/** Questions that are asked with these answers; a condition on one that was not asked itself does not hold. */
export function asked(fields: Field[], answers: Answers): Field[] {
  const names = new Set<string>()
  return fields.filter((f) => {
    const is = !f.only || (names.has(f.only.field) && answers[f.only.field] === f.only.equals)
    if (is) names.add(f.id)
    return is
  })
}

export function matching(services: Service[], text: string): Service[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return services.filter((s) => {
    const said = `${s.title} ${s.summary} ${s.words.join(' ')}`.toLowerCase()
    return words.every((w) => said.includes(w))
  })
}

/** Offered first, before anything is typed. */
export const COMMON = ['permohonan-ktp', 'keterangan-kurang-mampu', 'keterangan-usaha', 'pengantar-skck', 'keterangan-domisili', 'pengantar-kehilangan']

/** ISO day of three typed parts, null where there is no such day. */
export function isoDay(day: string, month: string, year: string): string | null {
  const [d, m, y] = [day, month, year].map((part) => (/^\d+$/.test(part.trim()) ? Number(part) : 0)) as [number, number, number]
  const date = new Date(Date.UTC(y, m - 1, d))
  if (y < 1900 || date.getUTCFullYear() !== y || date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d) return null
  return date.toISOString().slice(0, 10)
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && !String((value as { nama?: string }).nama ?? '').trim())
