/** One alarm with its trail and its chart; each part loads and fails by itself. */
import { ApiError, getJson, postJson } from '../../api/request'
import type { AlarmDetail, AlarmLine, Handling, Trace } from '../../api/types'

export type Act =
  | { act: 'acknowledge'; note?: string }
  | { act: 'assign'; to: string }
  | { act: 'comment'; text: string }
  | { act: 'verdict'; verdict: 'true' | 'false'; note: string }

export class AlarmPage {
  detail = $state.raw<AlarmDetail | null>(null)
  lines = $state.raw<AlarmLine[] | null>(null)
  trace = $state.raw<Trace | null>(null)
  state = $state<'loading' | 'ready' | 'unknown' | 'failed'>('loading')
  /** the chart has its own trouble: the engine may be down while the records answer */
  charted = $state<'loading' | 'ready' | 'failed'>('loading')

  constructor(readonly id: string) {}

  #path(tail = '') {
    return `/api/v1/alarms/${encodeURIComponent(this.id)}${tail}`
  }

  async load() {
    try {
      ;[this.detail, this.lines] = await Promise.all([getJson<AlarmDetail>(this.#path()), getJson<AlarmLine[]>(this.#path('/log'))])
      this.state = 'ready'
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.state = 'unknown'
      else if (this.state === 'loading') this.state = 'failed'
    }
  }

  async chart(points: number) {
    try {
      this.trace = await getJson<Trace>(this.#path(`/trace?points=${points}`))
      this.charted = 'ready'
    } catch {
      if (!this.trace) this.charted = 'failed'
    }
  }

  /** Throws `ApiError`. */
  async do(act: Act, by: string, key: string) {
    const { act: path, ...body } = act
    const handling = await postJson<Handling>(this.#path(`/${path}`), { by, ...body }, key)
    if (this.detail) this.detail = { ...this.detail, handling }
    void this.load()
  }
}
