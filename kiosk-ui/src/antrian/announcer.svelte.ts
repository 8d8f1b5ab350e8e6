/** Calls are announced one after another: a gong, then words where the browser has an Indonesian voice. What was announced is not again. */
import { due } from '../queue/calling'
import { announcement } from '../queue/number'
import type { Board, Called } from '../queue/types'
import { indonesianVoice, Sound, speak, type Tone } from '../sound'

const GONG: Tone[] = [
  { hertz: 784, seconds: 0.45 },
  { hertz: 587, seconds: 0.7 },
]
/** Without words the gong comes twice, so that whoever talks looks up. */
const TWICE: Tone[] = [...GONG, { ...GONG[0]!, after: 0.5 }, GONG[1]!]
/** A call stays large on the screen so long at least, heard or not. */
const SHOWN_MS = 5_000
/** Sound that fails, or never ends, keeps no later call from the screen. */
const PATIENCE_MS = 70_000
const SEEN = 'antrian:seen'
const MUTED = 'antrian:muted'

export class Announcer {
  /** what is announced now */
  current = $state.raw<Called | null>(null)
  blocked = $state(false)
  speaks = $state(false)
  muted = $state(kept('localStorage', MUTED) === '1')
  #sound = new Sound()
  #seen = kept('sessionStorage', SEEN)
  #waiting: Called[] = []

  /** Of each board. The first one after a reload says only what is young and was not announced before. */
  hear(board: Board) {
    const seen = this.#seen === null ? board.calls : Number(this.#seen)
    const calls = due(board, seen)
    this.#seen = String(board.calls)
    keep('sessionStorage', SEEN, this.#seen)
    this.#waiting.push(...calls)
    if (!this.current) void this.#next()
  }

  /** Whether it can be heard, and how; a voice may come late, a touch at any time. */
  async look() {
    this.blocked = !(await this.#sound.mayBeHeard())
    this.speaks = indonesianVoice() !== undefined
  }

  mute(off: boolean) {
    this.muted = off
    keep('localStorage', MUTED, off ? '1' : '0')
    if (off) globalThis.speechSynthesis?.cancel()
  }

  async #next() {
    while ((this.current = this.#waiting.shift() ?? null)) {
      await Promise.all([after(SHOWN_MS), Promise.race([this.#announce(this.current).catch(() => {}), after(PATIENCE_MS)])])
    }
  }

  async #announce(call: Called) {
    await this.look()
    if (this.muted || this.blocked) return
    const voice = indonesianVoice()
    await this.#sound.play(voice ? GONG : TWICE)
    if (voice && !this.muted) await speak(announcement(call.number, call.counter), voice)
  }
}

const after = (ms: number) => new Promise((done) => setTimeout(done, ms))

type Store = 'localStorage' | 'sessionStorage'

function kept(store: Store, key: string): string | null {
  try {
    return globalThis[store].getItem(key)
  } catch {
    return null
  }
}

function keep(store: Store, key: string, value: string) {
  try {
    globalThis[store].setItem(key, value)
  } catch {
    // no store: after a reload a young call is heard once more
  }
}
