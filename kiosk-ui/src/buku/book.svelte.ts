/** The book of one field on a phone: the last known one, what waits to be sent, and the field's key. */
import { ApiError, fieldJson } from '../api/request'
import { remember, remembered } from '../tani/kept'
import { keepKey, keyOf } from '../tani/own'
import { newId, type LineIn } from './entry'
import { seasons, type Line, type Season, type Waiting } from './sums'

export interface Neighbours {
  scope: 'village' | 'kecamatan'
  fields: number
  least: number
  quartiles: Partial<Record<'cost' | 'income' | 'profit' | 'harvest', [number, number, number]>>
}

interface BookAnswer {
  current: string
  area: number
  lines: Line[]
  neighbours: Neighbours
}

const QUEUE = 'tani:book:queue:'
const RETRY_MS = 20_000
/** Answers that another try does not mend. */
const REFUSED = [400, 404, 409, 413, 422]

export class Book {
  state = $state<'wait' | 'key' | 'ready' | 'failed'>('wait')
  answer = $state.raw<BookAnswer | null>(null)
  /** when the shown answer was given; null while it is fresh */
  keptAt = $state<number | null>(null)
  wrongKey = $state(false)
  waiting = $state.raw<Waiting[]>([])
  readonly seasons = $derived<Season[]>(seasons(this.answer?.lines ?? [], this.waiting, this.answer?.current ?? String(new Date().getFullYear())))
  readonly unsent = $derived(this.waiting.filter((w) => !w.refused).length)
  #key = ''
  #retry: ReturnType<typeof setTimeout> | undefined

  constructor(readonly field: string) {}

  get path() {
    return `/api/v1/farming/fields/${encodeURIComponent(this.field)}/book`
  }

  get key() {
    return this.#key
  }

  start() {
    this.#key = keyOf(this.field) ?? ''
    this.waiting = JSON.parse(stored(QUEUE + this.field) ?? '[]') as Waiting[]
    const old = remembered<BookAnswer>(this.path)
    if (old) {
      this.answer = old.data
      this.keptAt = old.at
      this.state = 'ready'
    }
    if (this.#key) void this.load()
    else this.state = 'key'
    const again = () => void this.load()
    addEventListener('online', again)
    return () => {
      removeEventListener('online', again)
      clearTimeout(this.#retry)
    }
  }

  /** Send what waits, then ask for the book. */
  async load() {
    clearTimeout(this.#retry)
    try {
      await this.#send()
      const data = await fieldJson<BookAnswer>(this.path, this.#key)
      this.answer = data
      this.keptAt = null
      this.wrongKey = false
      this.state = 'ready'
      keepKey(this.field, this.#key)
      remember(this.path, data, Date.now())
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0
      if (status === 401 || status === 403) {
        this.wrongKey = true
        this.state = 'key'
        return
      }
      if (this.state === 'wait') this.state = 'failed'
      if (this.answer && this.keptAt === null) this.keptAt = remembered(this.path)?.at ?? Date.now()
      this.#retry = setTimeout(() => void this.load(), RETRY_MS)
    }
  }

  use(key: string) {
    this.#key = key.trim().toUpperCase()
    this.state = this.answer ? 'ready' : 'wait'
    void this.load()
  }

  /** On the phone before it is shown as kept; sent when there is a line. */
  write(line: LineIn) {
    this.#keep([...this.waiting.filter((w) => w.line.id !== line.id), { line, refused: '' }])
    void this.load()
  }

  /** A line that was sent is struck out by another one; one that waits is taken back. */
  undo(line: { id: number; said: string | null; waiting: boolean }, what: string, day: string) {
    if (line.waiting) this.#keep(this.waiting.filter((w) => w.line.id !== line.said))
    else this.write({ id: newId(), kind: 'strike', what, day, strikes: line.id })
  }

  async #send() {
    for (const each of this.waiting) {
      if (each.refused) continue
      try {
        await fieldJson(this.path, this.#key, each.line)
        this.#keep(this.waiting.filter((w) => w.line.id !== each.line.id))
      } catch (error) {
        if (!(error instanceof ApiError) || !REFUSED.includes(error.status)) throw error
        this.#keep(this.waiting.map((w) => (w.line.id === each.line.id ? { ...w, refused: error.code } : w)))
      }
    }
  }

  #keep(waiting: Waiting[]) {
    this.waiting = waiting
    store(QUEUE + this.field, JSON.stringify(waiting))
  }
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

function store(name: string, text: string) {
  try {
    localStorage.setItem(name, text)
  } catch {
    // full or forbidden: it holds until the page is closed
  }
}
