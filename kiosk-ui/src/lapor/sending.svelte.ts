/** Sends what waits, now and whenever there is a line again. A report is sent under its id, so twice is once. */
import { ApiError, postJson } from '../api/request'
import { all, keep, put, type Kept } from './kept'
import type { Draft, Ticket } from './report'

const AGAIN_MS = 30_000

export class Sending {
  reports = $state.raw<Kept[]>([])
  online = $state(true)
  private busy = false

  start() {
    const look = () => void this.flush()
    this.online = navigator.onLine
    const change = () => {
      this.online = navigator.onLine
      look()
    }
    addEventListener('online', change)
    addEventListener('offline', change)
    const timer = setInterval(look, AGAIN_MS)
    void this.load().then(look)
    return () => {
      removeEventListener('online', change)
      removeEventListener('offline', change)
      clearInterval(timer)
    }
  }

  private async load() {
    try {
      this.reports = await all()
    } catch {
      // a forbidden store: what is written now is sent now
    }
  }

  /** The ticket holds at once; `sent` says whether the regency has it. Throws `ApiError` for what it does not take. */
  async send(draft: Draft): Promise<Ticket> {
    const kept = keep(draft, Date.now())
    const stored = await put(kept).then(() => true, () => false)
    this.reports = [kept, ...this.reports.filter((r) => r.id !== kept.id)]
    try {
      await this.post(kept)
      return { ticket: kept.ticket, word: kept.word, sent: true }
    } catch (error) {
      if (error instanceof ApiError && later(error) && stored) return { ticket: kept.ticket, word: kept.word, sent: false }
      throw error
    }
  }

  async flush() {
    if (this.busy) return
    this.busy = true
    try {
      for (const kept of this.reports.filter((r) => r.waiting && !r.refused)) await this.post(kept)
    } catch {
      // no line, or too many in this hour: tried again
    } finally {
      this.busy = false
    }
  }

  private async post(kept: Kept) {
    try {
      await postJson('/api/v1/reports', kept.waiting)
      await this.now({ ...kept, waiting: null })
    } catch (error) {
      if (error instanceof ApiError && !later(error)) await this.now({ ...kept, refused: error.message })
      throw error
    }
  }

  private async now(kept: Kept) {
    this.reports = this.reports.map((r) => (r.id === kept.id ? kept : r))
    await put(kept).catch(() => {})
  }
}

/** No answer, busy, or too many for now: it stays and is sent later. */
const later = (error: ApiError) => error.code === 'unreachable' || error.status === 429 || error.status >= 500
