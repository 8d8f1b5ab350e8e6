/** One village's fields, their sensors and alarms, with the age of what is shown. */
import { openStream, type Stream } from '../api/stream'
import type { AdviceDocument, Alarm, FarmField, Field, Reading, Series } from '../api/types'
import { bySeverity } from '../format/severity'
import { ask, remembered } from './kept'

const RETRY_MS = 20_000

const registeredPath = (village: string) => `/api/v1/farming/fields?village=${village}`
const advicePath = (village: string) => `/api/v1/villages/${village}/content/advice?missing=empty`

/** What a village may not have: then nothing, instead of an error. */
async function asked<T>(path: string) {
  try {
    return await ask<T>(path)
  } catch {
    return null
  }
}

/** Fields of the configuration, and those that staff registered; of two of one name the registered one. */
export function merged(fields: Field[], registered: FarmField[]): Field[] {
  const own = registered.map((f) => ({
    id: f.id,
    village: f.village,
    name: f.name,
    crop: f.crop_title,
    farmer: '',
    series: f.sensors.filter((s) => s.until === null).map((s) => s.series),
    synthetic: false,
    area_ha: f.area / 10_000,
  }))
  const byId = new Map(own.map((f) => [f.id, f]))
  const known = new Set(fields.map((f) => f.id))
  return [...fields.map((f) => byId.get(f.id) ?? f), ...own.filter((f) => !known.has(f.id))]
}

export class Farm {
  fields = $state<Field[]>([])
  series = $state<Series[]>([])
  alarms = $state<Alarm[]>([])
  /** the morning's lists of the village; null where there are none */
  advice = $state<AdviceDocument | null>(null)
  /** ids of the village's fields that are registered */
  registered = $state.raw<string[]>([])
  chosen = $state<string | null>(null)
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** when the oldest of the shown answers was given; null while all are fresh */
  keptAt = $state<number | null>(null)
  /** the window key of the shown chart, to be asked again when the line is back */
  connected = $state(false)

  readonly field = $derived(this.fields.find((f) => f.id === this.chosen) ?? this.fields[0] ?? null)
  /** a field of the register, which has a book, and not only of the configuration */
  readonly isRegistered = $derived(this.registered.includes(this.field?.id ?? ''))
  readonly list = $derived(this.advice?.fields.find((f) => f.field === this.field?.id) ?? null)
  readonly ofField = $derived(
    (this.field?.series ?? []).map((id) => this.series.find((s) => s.id === id)).filter((s): s is Series => s !== undefined),
  )
  #village: string | null
  #stream: Stream | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(village: string | null, field: string | null) {
    this.#village = village
    this.chosen = field
  }

  start() {
    this.#recall()
    void this.load()
    return () => {
      this.#stream?.close()
      clearTimeout(this.#retry)
    }
  }

  /** What the phone has is shown at once; the line may take long. */
  #recall() {
    const fields = remembered<Field[]>(this.#fieldsPath)
    if (!fields) return
    this.fields = fields.data
    const village = this.field?.village
    const series = village ? remembered<Series[]>(`/api/v1/series?village=${village}`) : null
    const alarms = village ? remembered<Alarm[]>(`/api/v1/alarms?village=${village}&state=firing`) : null
    const registered = village ? remembered<FarmField[]>(registeredPath(village)) : null
    const advice = village ? remembered<{ document: AdviceDocument }>(advicePath(village)) : null
    if (registered) this.#register(fields.data, registered.data)
    this.advice = advice?.data?.document ?? null
    this.series = series?.data ?? []
    this.alarms = bySeverity(alarms?.data ?? [])
    this.state = 'ready'
    this.keptAt = Math.min(fields.at, series?.at ?? Infinity)
  }

  #register(fields: Field[], registered: FarmField[]) {
    this.fields = merged(fields, registered)
    this.registered = registered.map((f) => f.id)
  }

  get #fieldsPath() {
    return this.#village ? `/api/v1/fields?village=${this.#village}` : '/api/v1/fields'
  }

  /** `named`: by the address. Otherwise a village without registered fields, which has no list, is not asked for one. */
  #ofVillage(village: string, named: boolean) {
    const registered = asked<FarmField[]>(registeredPath(village))
    const list = () => asked<{ document: AdviceDocument } | undefined>(advicePath(village))
    return Promise.all([
      ask<Series[]>(`/api/v1/series?village=${village}`),
      ask<Alarm[]>(`/api/v1/alarms?village=${village}&state=firing`),
      registered,
      named ? list() : registered.then((found) => (found?.data.length ? list() : null)),
    ])
  }

  async load() {
    clearTimeout(this.#retry)
    try {
      // The address of a message or of a registered field names the village: then all is asked for at once, as each turn costs a slow line
      // half a second.
      const early = this.#village ? this.#ofVillage(this.#village, true) : null
      early?.catch(() => undefined) // awaited below, unless the fields fail first
      const fields = await ask<Field[]>(this.#fieldsPath)
      if (!early) this.fields = fields.data
      const village = this.#village ?? this.field?.village
      if (village) {
        const [series, alarms, registered, advice] = await (early ?? this.#ofVillage(village, false))
        this.#register(fields.data, registered?.data ?? [])
        this.advice = advice?.data?.document ?? null
        this.series = series.data
        this.alarms = bySeverity(alarms.data)
        this.keptAt = fields.kept || series.kept || alarms.kept ? Math.min(fields.at, series.at, alarms.at) : null
        if (!this.#stream) this.#listen(village)
      } else {
        this.keptAt = fields.kept ? fields.at : null
      }
      this.state = 'ready'
    } catch {
      if (this.state !== 'ready') this.state = 'failed'
    }
    if (this.keptAt !== null || this.state === 'failed') this.#retry = setTimeout(() => void this.load(), RETRY_MS)
  }

  #listen(village: string) {
    let opened = false
    this.#stream = openStream(
      `/api/v1/stream?village=${village}`,
      {
        reading: ({ id, at, value, quality }: Reading) => {
          const series = this.series.find((s) => s.id === id)
          if (series) series.last = { at, value, quality }
        },
        alarm: (alarm: Alarm) => {
          const others = this.alarms.filter((a) => a.id !== alarm.id)
          this.alarms = bySeverity(alarm.state === 'firing' ? [...others, alarm] : others)
        },
      },
      (open) => {
        if (open && opened) void this.load()
        if (!open && this.keptAt === null) this.keptAt = Date.now()
        if (open) opened = true
        if (open && this.keptAt !== null) void this.load()
        this.connected = open
      },
    )
  }
}
