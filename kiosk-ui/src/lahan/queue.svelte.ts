/** What the farmer said on this phone and the regency has not taken yet: kept on the phone, sent in order, each once by its name. */
import { ApiError, ask } from '../api/request'

export interface Waiting {
  /** made here: what arrives twice counts once */
  id: string
  field: string
  kind: 'answer' | 'leaves' | 'stage' | 'registration'
  path: string
  /** the field's key; null where none is needed */
  key: string | null
  body: Record<string, unknown>
  at: number
  /** why the regency did not take it; it is not sent again */
  refused?: { code: string; message: string }
}

export type Outcome = 'sent' | 'waiting' | 'refused'

const STORE = 'tani:queue'
const RETRY_MS = 20_000

/** `false` where the answer will be the same however often it is sent. */
const later = (error: ApiError) => error.status === 0 || error.status >= 500 || error.status === 429

/** Letters and digits of chance, where the page may be without `crypto.randomUUID` (plain HTTP). */
export function chance(bytes = 16): string {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, '0')).join('')
}

export class Queue {
  items = $state<Waiting[]>([])
  /** how many the regency has taken since the page was opened */
  sent = $state(0)
  #sending: Promise<void> | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    try {
      this.items = JSON.parse(localStorage.getItem(STORE) ?? '[]') as Waiting[]
    } catch {
      // nothing kept, or no store
    }
    addEventListener('online', () => void this.send())
    if (this.items.some((i) => !i.refused)) void this.send()
  }

  /** Keep it, then try to send. Throws where the phone cannot keep it and there is no line either: then nothing is on record. */
  async add(item: Omit<Waiting, 'at'>): Promise<Outcome> {
    this.items.push({ ...item, at: Date.now() })
    const kept = this.#keep()
    await this.send()
    const now = this.items.find((i) => i.id === item.id)
    if (!now) return 'sent'
    if (now.refused) return 'refused'
    if (kept) return 'waiting'
    this.drop(item.id)
    throw new Error('full')
  }

  drop(id: string) {
    this.items = this.items.filter((i) => i.id !== id)
    this.#keep()
  }

  of(field: string): Waiting[] {
    return this.items.filter((i) => i.field === field)
  }

  /** In the order in which it was said; stops where there is no line. */
  send(): Promise<void> {
    this.#sending ??= this.#all().finally(() => (this.#sending = null))
    return this.#sending
  }

  async #all() {
    clearTimeout(this.#timer)
    for (;;) {
      const next = this.items.find((i) => !i.refused)
      if (!next) return
      try {
        const headers: Record<string, string> = { 'content-type': 'application/json' }
        if (next.key) headers['authorization'] = `Field ${next.key}`
        await ask(next.path, { method: 'POST', headers, body: JSON.stringify(next.body) })
        this.drop(next.id)
        this.sent += 1
      } catch (error) {
        const known = error instanceof ApiError ? error : new ApiError('unreachable', String(error), 0)
        if (later(known)) {
          this.#timer = setTimeout(() => void this.send(), RETRY_MS)
          return
        }
        next.refused = { code: known.code, message: known.message }
        this.#keep()
      }
    }
  }

  #keep(): boolean {
    try {
      localStorage.setItem(STORE, JSON.stringify(this.items))
      return true
    } catch {
      return false
    }
  }
}

export const queue = new Queue()
