/** What waits on the phone, and sending it when there is a line. Nothing leaves the store before the server has answered. */
import { ApiError, postJson } from '../api/request'
import { base64 } from './photo'
import { all, drop, put, type Item, type Kind, type State } from './store'

const AGAIN_MS = 30_000
const PATHS: Record<Kind, string> = { tree: '/api/v1/trees', visit: '/api/v1/trees/visits' }

/** What an answer that is none of success means for what was sent. */
export function after(error: { code: string; status: number }): State {
  if (error.status === 401 || error.status === 403) return 'login'
  // A tree that came to be at a kiosk may reach the regency after its first visit did.
  if (error.status === 0 || error.status === 404 || error.status === 429 || error.status >= 500) return 'waits'
  return 'refused'
}

export class Queue {
  items = $state.raw<Item[]>([])
  sending = $state(false)
  /** set while the phone's store cannot be used */
  broken = $state(false)
  /** whether the last try reached the server */
  line = $state<boolean | null>(null)
  #asked = false

  start() {
    void this.load().then(() => this.send())
    const again = () => void this.send()
    const timer = setInterval(again, AGAIN_MS)
    addEventListener('online', again)
    return () => {
      clearInterval(timer)
      removeEventListener('online', again)
    }
  }

  async load() {
    try {
      this.items = await all()
      this.broken = false
    } catch {
      this.broken = true
    }
  }

  get waiting(): Item[] {
    return this.items.filter((i) => i.state === 'waits' || i.state === 'login')
  }

  /** On the phone when this resolves. Throws where the phone's store does not take it. */
  async add(kind: Kind, body: Record<string, unknown>, photo: { blob: Blob; taken: number | null } | null): Promise<Item> {
    const id = crypto.randomUUID()
    const item: Item = {
      id, kind, body: { ...body, id }, photo: photo?.blob ?? null, taken: photo?.taken ?? null, made: Date.now(), state: 'waits', answer: null, why: '',
    }
    await put(item)
    await this.load()
    void this.send()
    return item
  }

  async forget(id: string) {
    await drop(id)
    await this.load()
  }

  /** Everything that waits, the oldest first; one at a time, over all tabs of the page. */
  async send() {
    if (this.sending) {
      this.#asked = true // the line may have come back while a try was failing
      return
    }
    if (!this.waiting.length) return
    this.sending = true
    try {
      do {
        this.#asked = false
        if ('locks' in navigator) await navigator.locks.request('pohon-queue', () => this.#all())
        else await this.#all()
      } while (this.#asked && this.waiting.length)
    } finally {
      this.sending = false
    }
  }

  async #all() {
    await this.load()
    for (const item of [...this.waiting].reverse()) {
      const state = await this.#one(item)
      await this.load()
      if (state === 'waits' && this.line === false) return // no line: the others would wait as long for it
    }
  }

  async #one(item: Item): Promise<State> {
    const body = item.photo ? { ...item.body, photo: { data: await base64(item.photo), taken: item.taken } } : item.body
    try {
      const answer = await postJson<Record<string, unknown>>(PATHS[item.kind], body)
      this.line = true
      await put({ ...item, state: 'done', answer, why: '', photo: null }) // it is there now
      return 'done'
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.line = error.status !== 0
      const state = after(error)
      if (state !== item.state || error.message !== item.why) await put({ ...item, state, why: error.status === 0 ? '' : error.message })
      return state
    }
  }
}
