/** Watches the alarms and lets the kiosk be heard. What was heard is remembered over a reload. */
import type { Alarm } from '../api/types'
import { clock } from '../now.svelte'
import type { Edge } from './edge.svelte'
import { due, remembered, type Sounded } from './sounding'
import { Voice } from './voice'

const KEPT = 'kiosk:sounded'
const MUTE_MS = 30 * 60_000

export class Speaker {
  /** the browser waits for a touch before it lets us be heard */
  blocked = $state(false)
  /** until when, milliseconds; a new alarm of severity 3 is heard all the same */
  mutedUntil = $state(0)
  /** what is being said */
  saying = $state<string | null>(null)
  #voice = new Voice()
  #sounded: Sounded = recall()
  #worst = 0

  constructor(readonly edge: Edge) {}

  get on(): boolean {
    return this.edge.village?.sound?.on ?? true
  }

  get muted(): boolean {
    return this.mutedUntil > clock.now
  }

  /** Once a second: say what is due. */
  async look() {
    const alarms = this.edge.alarms ?? []
    if (!alarms.length || !this.on || this.saying) return
    this.blocked = !(await this.#voice.mayBeHeard())
    const alarm = due(alarms, this.#sounded, clock.now)
    if (alarm && !this.blocked && !this.saying && this.#heard(alarm)) await this.#say(alarm)
  }

  mute() {
    this.mutedUntil = clock.now + MUTE_MS
    this.#worst = Math.max(0, ...(this.edge.alarms ?? []).map((a) => a.severity))
  }

  unmute() {
    this.mutedUntil = 0
  }

  /** Muted is what stood when somebody muted it; where it is about life, what is worse is heard. */
  #heard(alarm: Alarm): boolean {
    return !this.muted || (alarm.severity === 3 && this.#worst < 3)
  }

  async #say(alarm: Alarm) {
    this.saying = alarm.id
    this.#sounded = remembered(this.#sounded, alarm, clock.now)
    keep(this.#sounded)
    try {
      await this.#voice.say(alarm, this.edge.village?.sound?.speaks ?? false)
    } finally {
      this.saying = null
    }
  }
}

function recall(): Sounded {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? '{}') as Sounded
  } catch {
    return {}
  }
}

function keep(sounded: Sounded) {
  try {
    localStorage.setItem(KEPT, JSON.stringify(sounded))
  } catch {
    // no store: after a reload it is heard once more
  }
}
