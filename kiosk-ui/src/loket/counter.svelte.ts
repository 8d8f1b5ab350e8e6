/** A counter of the office: its key, its number, what it sees, and what it does. */
import { ApiError, getJson, postJson } from '../api/request'
import { newAct } from '../queue/act'
import type { Board, Desk } from '../queue/types'

export type Act = 'next' | 'recall' | 'serving' | 'served' | 'absent' | 'again' | 'moved'
const KEY = 'loket:key'
const COUNTER = 'loket:counter'

export class Counter {
  key = $state(read('sessionStorage', KEY))
  counter = $state(Number(read('localStorage', COUNTER)) || 0)
  desk = $state.raw<Desk | null>(null)
  /** the key opened once, and does no more */
  ended = $state(false)
  working = $state(false)
  /** what the kiosk answered when it did not do what was asked; `unsent` when nobody answered */
  refused = $state('')
  unsent = $state(false)
  /** an act whose answer did not come: asked for again, it is sent under the same id */
  #pending: { what: string; act: string } | null = null

  /** Throws `ApiError`. */
  async enter(code: string) {
    const { key } = await postJson<{ key: string }>('/api/queue/enter', { code })
    this.key = key
    this.ended = false
    write('sessionStorage', KEY, key)
  }

  leave() {
    void postJson('/api/queue/leave', {}, this.key).catch(() => {}) // it ends by itself
    this.#forget()
    this.ended = false
  }

  choose(counter: number) {
    this.counter = counter
    this.desk = null
    this.refused = ''
    write('localStorage', COUNTER, counter ? String(counter) : '')
    void this.look()
  }

  /** Again whenever the queue moves. */
  async look() {
    if (!this.key || !this.counter) return
    const asked = this.counter
    try {
      const desk = await getJson<Desk>(`/api/queue/counters/${asked}`, this.key)
      if (asked === this.counter) this.desk = desk
    } catch (error) {
      this.#failed(error, true)
    }
  }

  /** What the screen shows goes with it, so that nothing is done to a number that another screen has called meanwhile. */
  async do(kind: Act, more: { number?: string; line?: string } = {}) {
    if (this.working || !this.desk) return
    const holding = this.desk.here?.number ?? ''
    const what = JSON.stringify([this.counter, kind, holding, more])
    if (this.#pending?.what !== what) this.#pending = { what, act: newAct() }
    this.working = true
    this.refused = ''
    this.unsent = false
    try {
      this.desk = await postJson<Desk>(`/api/queue/counters/${this.counter}/${kind}`, { act: this.#pending.act, holding, ...more }, this.key)
      this.#pending = null
    } catch (error) {
      this.#failed(error)
      if (!this.unsent) this.#pending = null
    } finally {
      this.working = false
    }
  }

  /** The office closes for today, or opens again. */
  async turn(what: 'close' | 'open') {
    this.refused = ''
    try {
      await postJson<Board>(`/api/queue/${what}`, {}, this.key)
      await this.look()
    } catch (error) {
      this.#failed(error)
    }
  }

  #failed(error: unknown, quiet = false) {
    const told = error instanceof ApiError ? error : new ApiError('internal', String(error), 0)
    if (told.status === 401) {
      this.#forget()
      this.ended = true
    } else if (told.code === 'unreachable') {
      this.unsent = !quiet
    } else if (told.code === 'invalid_request' && quiet) {
      this.choose(0) // the office has fewer counters now
    } else {
      this.refused = told.message
      if (told.code === 'conflict') void this.look()
    }
  }

  #forget() {
    this.key = ''
    this.desk = null
    write('sessionStorage', KEY, '')
  }
}

type Store = 'localStorage' | 'sessionStorage'

function read(store: Store, key: string): string {
  try {
    return globalThis[store].getItem(key) ?? ''
  } catch {
    return ''
  }
}

function write(store: Store, key: string, value: string) {
  try {
    globalThis[store].setItem(key, value)
  } catch {
    // no store: asked again after a reload
  }
}
