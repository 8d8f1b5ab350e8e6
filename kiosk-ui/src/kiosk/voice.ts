/** How the kiosk is heard: a short tone by the browser itself, then words by the browser's Indonesian voice, else by the edge's program. */
import { postJson } from '../api/request'
import type { Alarm } from '../api/types'
import { indonesianVoice, Sound, speak, type Tone } from '../sound'

/** hertz, seconds; the worse, the more of them */
const TONES = [880, 660]
const TONE_S = 0.22
const ROUND_S = 0.12

export class Voice {
  #sound = new Sound()

  /** Whether the browser lets us be heard. */
  mayBeHeard = (): Promise<boolean> => this.#sound.mayBeHeard()

  /** Resolves when all is said. `speaks`: the edge has a program that speaks. */
  async say(alarm: Alarm, speaks: boolean) {
    await this.#sound.play(tones(alarm.severity))
    const words = [alarm.title.id, alarm.message.id].filter(Boolean).join('. ')
    const voice = indonesianVoice()
    if (voice) await speak(words, voice)
    else if (speaks) await postJson(`/api/speak?alarm=${encodeURIComponent(alarm.id)}`).catch(() => {}) // its health tells; the tone was heard
  }
}

const tones = (severity: number): Tone[] =>
  Array.from({ length: severity + 1 }, (_, round) => TONES.map((hertz, place) => ({ hertz, seconds: TONE_S, after: round && !place ? ROUND_S : 0 }))).flat()
