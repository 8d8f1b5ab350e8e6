/** One village's fields, their sensors and alarms, with the age of what is shown. */
import { openStream, type Stream } from '../api/stream'
import type { AdviceDocument, Alarm, FarmField, FarmVillage, Field, Reading, Series, Today } from '../api/types'
import { listOf } from '../data/spoken'
import { bySeverity } from '../format/severity'
import { language } from '../language.svelte'
import { ask, remembered } from './kept'

const RETRY_MS = 20_000

/** One path for all that the first view needs: the server's page has the phone fetch it beside the page's own files. */
const todayPath = (village: string) => `/api/v1/farming/today?village=${village}`
const KEPT_VILLAGE = 'tani:village'

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT_VILLAGE)
  } catch {
    return null
  }
}

function keep(village: string) {
  try {
    localStorage.setItem(KEPT_VILLAGE, village)
  } catch {
    // no store: the address says it, or it is asked again
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
  registered = $state.raw<FarmField[]>([])
  series = $state<Series[]>([])
  alarms = $state<Alarm[]>([])
  /** the morning's lists of the village; null where there are none */
  advice = $state<AdviceDocument | null>(null)
  chosen = $state<string | null>(null)
  state = $state<'loading' | 'ready' | 'failed'>('loading')
  /** when the oldest of the shown answers was given; null while all are fresh */
  keptAt = $state<number | null>(null)
  /** the window key of the shown chart, to be asked again when the line is back */
  connected = $state(false)

  readonly field = $derived(this.fields.find((f) => f.id === this.chosen) ?? this.fields[0] ?? null)
  /** the chosen field as it is registered; null for one of the configuration */
  readonly own = $derived(this.registered.find((f) => f.id === this.field?.id) ?? null)
  /** a field of the register, which has a book, and not only of the configuration */
  readonly isRegistered = $derived(this.own !== null)
  readonly list = $derived(listOf(this.advice, this.field?.id, language.code))
  readonly ofField = $derived(
    (this.field?.series ?? []).map((id) => this.series.find((s) => s.id === id)).filter((s): s is Series => s !== undefined),
  )
  /** those that have fields; asked for where neither the address nor the phone knows one */
  villages = $state<FarmVillage[]>([])
  village = $state<string | null>(null)
  #stream: Stream | null = null
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(village: string | null, field: string | null) {
    this.village = village ?? kept()
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
    const kept = this.village ? remembered<Today>(todayPath(this.village)) : null
    if (!kept) return
    this.#take(kept.data)
    this.state = 'ready'
    this.keptAt = kept.at
  }

  #take(today: Today) {
    this.registered = today.registered
    this.fields = merged(today.fields, today.registered)
    this.advice = today.advice
    this.series = today.series
    this.alarms = bySeverity(today.alarms)
  }

  /** Look at another village from now on. */
  choose(village: string) {
    this.village = village
    keep(village)
    this.#stream?.close()
    this.#stream = null
    this.state = 'loading'
    void this.load()
  }

  async load() {
    clearTimeout(this.#retry)
    try {
      if (!this.village) {
        const found = await ask<FarmVillage[]>('/api/v1/farming/villages')
        this.villages = found.data
        if (found.data.length === 1) this.village = found.data[0]!.code
      }
      if (this.village) {
        const today = await ask<Today>(todayPath(this.village))
        this.#take(today.data)
        keep(this.village)
        this.keptAt = today.kept ? today.at : null
        if (!this.#stream) this.#listen(this.village)
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
