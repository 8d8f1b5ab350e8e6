/** The map's layer at a time: asked for when it is shown, remembered while the page is open, and one ahead while it plays. */
import { ApiError, getJson } from '../../api/request'
import type { Frame, Layer, Level, Span } from './layer'
import { SPANS, stops } from './layer'

const FRESH_MS = 60_000
const PLAY_MS = 900
const MOST_KEPT = 400

export class Layers {
  list = $state.raw<Layer[] | null>(null)
  failed = $state<string | null>(null)
  key = $state('alarms')
  level = $state<Level>('desa')
  span = $state.raw<Span>(SPANS[0]!)
  /** which of the slider's times */
  place = $state(0)
  times = $state.raw<(number | null)[]>([null])
  /** what is drawn; while the next one is on its way, the one before stays and `waiting` says so */
  frame = $state.raw<Frame | null>(null)
  waiting = $state(false)
  playing = $state(false)

  readonly layer = $derived(this.list?.find((l) => l.key === this.key) ?? this.list?.[0] ?? null)
  readonly at = $derived(this.times[this.place] ?? null)

  private kept = new Map<string, { frame: Frame; came: number }>()
  private turn = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  async start() {
    this.choose(this.span)
    try {
      this.list = await getJson<Layer[]>('/api/v1/regency/layers')
      await this.show()
    } catch (error) {
      this.failed = said(error)
    }
  }

  stop() {
    this.pause()
  }

  choose(span: Span) {
    this.pause()
    this.span = span
    this.times = stops(span, Date.now())
    this.place = this.times.length - 1
  }

  async show() {
    const layer = this.layer
    if (!layer) return
    const turn = ++this.turn
    this.waiting = true
    try {
      const frame = await this.fetched(layer.key, this.at)
      if (turn !== this.turn) return
      this.frame = frame
      this.failed = null
    } catch (error) {
      if (turn === this.turn) {
        this.failed = said(error)
        this.pause()
      }
    } finally {
      if (turn === this.turn) this.waiting = false
    }
  }

  play() {
    if (this.playing) return this.pause()
    this.playing = true
    if (this.place >= this.times.length - 1) this.place = 0
    void this.go()
  }

  pause() {
    this.playing = false
    clearTimeout(this.timer)
  }

  private async go() {
    await this.show()
    if (!this.playing) return
    const next = this.times[this.place + 1]
    if (this.layer && next !== undefined) void this.fetched(this.layer.key, next).catch(() => {})
    this.timer = setTimeout(() => {
      if (this.place >= this.times.length - 1) return this.pause()
      this.place += 1
      void this.go()
    }, PLAY_MS)
  }

  private async fetched(key: string, at: number | null): Promise<Frame> {
    const name = `${key}/${at ?? 'now'}`
    const known = this.kept.get(name)
    if (known && (at !== null || Date.now() - known.came < FRESH_MS)) return known.frame
    const frame = await getJson<Frame>(`/api/v1/regency/layers/${key}${at === null ? '' : `?at=${at}`}`)
    if (this.kept.size > MOST_KEPT) this.kept.clear()
    this.kept.set(name, { frame, came: Date.now() })
    return frame
  }
}

const said = (error: unknown) => (error instanceof ApiError && error.code !== 'unreachable' ? error.message : '')
