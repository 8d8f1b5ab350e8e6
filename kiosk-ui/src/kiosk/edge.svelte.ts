/** What the kiosk knows, all of it from its own edge. Each part loads and fails by itself. */
import { getJson, getJsonOrNull, postJson, windowPath } from '../api/request'
import { openStream, type Stream } from '../api/stream'
import type { Announcement, EdgeHealth, EdgeVillage } from '../api/edge-types'
import type { AdviceDocument, Alarm, Content, FieldsDocument, FieldTold, KioskOutput, Link, Reading, Rule, Saving, Series, Window } from '../api/types'
import { bySeverity } from '../format/severity'
import { HOUR } from '../format/time'

export type Part = 'loading' | 'ready' | 'failed'

export interface Spark {
  t: number[]
  v: (number | null)[]
}

const SPARK_HOURS = 24
const RETRY_MS = 5_000

export class Edge {
  village = $state<EdgeVillage | null>(null)
  series = $state<Series[]>([])
  seriesState = $state<Part>('loading')
  sparks = $state<Record<string, Spark>>({})
  /** alarms in force, the worst first; null while nothing was ever heard */
  alarms = $state<Alarm[] | null>(null)
  /** the number to call here, when the regency has told one */
  contact = $state('')
  /** the regency's rules of this village */
  rules = $state.raw<Rule[]>([])
  announcements = $state<Announcement[]>([])
  /** the morning's lists with what was answered here; null while none has come */
  advice = $state.raw<AdviceDocument | null>(null)
  adviceState = $state<Part>('loading')
  /** registered fields, and what can be registered; null while nothing has come */
  fields = $state.raw<FieldsDocument | null>(null)
  /** documents of domains by key, each since a page first wanted it; null while none has come */
  documents = $state.raw<Record<string, Content<unknown> | null>>({})
  link = $state<Link | null>(null)
  /** set while nothing can be saved */
  unsaved = $state<Saving | null>(null)
  /** whether the line to our own edge is open */
  connected = $state(false)
  /** when it broke, milliseconds; null while it holds */
  lostAt = $state<number | null>(null)

  /** what people may stop here */
  outputs = $state<KioskOutput[]>([])

  #wanted = new Set<string>()
  #stream: Stream | null = null
  #retry: ReturnType<typeof setTimeout> | undefined
  #opened = false

  start() {
    void this.load()
    this.#stream = openStream(
      '/api/stream',
      {
        reading: (reading: Reading) => this.#take(reading),
        link: (link: Link) => (this.link = link),
        health: (health: EdgeHealth) => this.#health(health),
        output: (output: KioskOutput) => this.#output(output),
        content: ({ key }: { key: string }) => void this.#content(key),
      },
      (open) => {
        if (open && this.#opened) void this.load()
        if (open) this.#opened = true
        this.connected = open
        this.lostAt = open ? null : (this.lostAt ?? Date.now())
      },
    )
    return () => {
      this.#stream?.close()
      clearTimeout(this.#retry)
    }
  }

  async load() {
    clearTimeout(this.#retry)
    const done = await Promise.allSettled([
      getJson<EdgeVillage>('/api/village').then((v) => (this.village = v)),
      getJson<EdgeHealth>('/api/health').then((h) => this.#health(h)),
      this.#series(),
      getJsonOrNull<KioskOutput[]>('/api/outputs').then((o) => (this.outputs = o ?? [])),
      this.#content('alarms'),
      this.#content('announcements'),
      this.#content('rules'),
      this.#content('advice'),
      this.#content('fields'),
      this.loadSparks(Object.keys(this.sparks)),
      ...[...this.#wanted].map((key) => this.want(key)),
    ])
    if (done.some((d) => d.status === 'rejected')) this.#retry = setTimeout(() => void this.load(), RETRY_MS)
  }

  #health(health: EdgeHealth) {
    this.link = health.link
    this.unsaved = health.saving && !health.saving.saves ? health.saving : null
  }

  /** Switch off; false when the kiosk did not answer. Whether it is off, the output's state says. */
  async stop(name: string): Promise<boolean> {
    try {
      this.#output(await postJson<KioskOutput>(`/api/outputs/${encodeURIComponent(name)}/stop`))
      return true
    } catch {
      return false
    }
  }

  /** Put on record that somebody has seen an alarm. Throws `ApiError`. */
  async see(alarm: Alarm, by: string) {
    const now = await postJson<Alarm | null>(`/api/alarms/${encodeURIComponent(alarm.id)}/seen`, { by })
    if (now) this.alarms = (this.alarms ?? []).map((a) => (a.id === now.id ? now : a))
  }

  /** Again, too, while the lists are looked at: nothing tells the page that an answer was sent. */
  async loadAdvice() {
    try {
      this.advice = (await getJsonOrNull<Content<AdviceDocument>>('/api/content/advice?missing=empty'))?.document ?? null
      this.adviceState = 'ready'
    } catch (error) {
      if (this.adviceState === 'loading') this.adviceState = 'failed'
      throw error
    }
  }

  /** Put on record what was answered to an action of a field's list. Throws `ApiError`. */
  async answer(field: string, action: string, answer: string, by: string) {
    this.advice = await postJson<AdviceDocument>(`/api/advice/${encodeURIComponent(field)}/answer`, { action, answer, by })
  }

  /** Again, too, while the fields are looked at: nothing tells the page that a registration was sent. */
  async loadFields() {
    this.fields = (await getJsonOrNull<Content<FieldsDocument>>('/api/content/fields?missing=empty'))?.document ?? null
  }

  /** Put a new field, or the changes of one, on record. Throws `ApiError`. */
  async register(body: object, field: string | null): Promise<FieldTold> {
    const told = await postJson<FieldTold>(field ? `/api/fields/${encodeURIComponent(field)}` : '/api/fields', body)
    await this.loadFields().catch(() => {}) // it is on record; what is shown comes with the next look
    return told
  }

  /** A domain's document, now and whenever another comes. Throws `ApiError`; what was there stays. */
  async want(key: string) {
    this.#wanted.add(key)
    const found = (await getJsonOrNull<Content<unknown>>(`/api/content/${encodeURIComponent(key)}?missing=empty`)) ?? null
    this.documents = { ...this.documents, [key]: found }
  }

  #output(output: KioskOutput) {
    const place = this.outputs.findIndex((o) => o.name === output.name)
    if (place < 0) this.outputs.push(output)
    else this.outputs[place] = output
  }

  async #series() {
    try {
      this.series = await getJson<Series[]>('/api/series')
      this.seriesState = 'ready'
    } catch (error) {
      if (this.seriesState === 'loading') this.seriesState = 'failed'
      throw error
    }
  }

  async #content(key: string) {
    if (key === 'alarms') {
      const content = await getJsonOrNull<Content<{ alarms: Alarm[]; contact?: string }>>('/api/content/alarms')
      this.contact = content?.document.contact ?? ''
      this.alarms = content ? bySeverity(content.document.alarms.filter((a) => a.state === 'firing')) : null
    } else if (key === 'rules') {
      this.rules = (await getJsonOrNull<Content<{ rules: Rule[] }>>('/api/content/rules'))?.document.rules ?? []
    } else if (key === 'advice') {
      await this.loadAdvice()
    } else if (key === 'fields') {
      await this.loadFields()
    } else if (key === 'announcements') {
      const content = await getJsonOrNull<Content<{ items: Announcement[] }>>('/api/content/announcements')
      this.announcements = content?.document.items ?? []
    } else if (this.#wanted.has(key)) {
      await this.want(key)
    }
  }

  /** The small shapes of the attract screen; one that cannot be had is left out. */
  async loadSparks(ids: string[]) {
    const stop = Date.now()
    await Promise.allSettled(
      ids.map(async (id) => {
        const window = await getJson<Window>(windowPath('/api', id, stop - SPARK_HOURS * HOUR, stop))
        this.sparks[id] = { t: window.t, v: window.mean ?? window.v ?? [] }
      }),
    )
  }

  #take(reading: Reading) {
    const series = this.series.find((s) => s.id === reading.id)
    if (!series) {
      void this.#series().catch(() => {}) // a new sensor: its name and unit come with the list; a failed look is repeated by its next reading
      return
    }
    series.last = { at: reading.at, value: reading.value, quality: reading.quality }
    const spark = this.sparks[reading.id]
    if (!spark || reading.quality === 4 || reading.quality === 9) return
    const at = Date.parse(reading.at)
    const before = spark.t.at(-1) ?? 0
    if (at - before < 5 * 60_000) return
    spark.t.push(at)
    spark.v.push(reading.value)
    while (spark.t[0]! < at - SPARK_HOURS * HOUR) {
      spark.t.shift()
      spark.v.shift()
    }
  }
}

/** Announcements in their time; without dates, always. */
export function inForce(items: Announcement[], now: number): Announcement[] {
  return items.filter((a) => (!a.from || Date.parse(a.from) <= now) && (!a.until || Date.parse(a.until) > now))
}
