/** How the kiosk is heard: a short tone by the browser itself, then words by the browser's Indonesian voice, else by the edge's program. */
import { postJson } from '../api/request'
import type { Alarm } from '../api/types'

/** hertz, seconds; the worse, the more of them */
const TONES = [880, 660]
const TONE_S = 0.22
const GAP_S = 0.06
const LOUD = 0.35

/** A twentieth of a second of nothing: whether it may be played says whether we may be heard, without a complaint in the console. */
const SILENCE = '/assets/hening.wav'

export class Voice {
  #context: AudioContext | null = null
  #allowed = false

  /** Whether the browser lets us be heard; most wait for somebody to touch the screen, a kiosk's is told not to. */
  async mayBeHeard(): Promise<boolean> {
    if (!this.#allowed) this.#allowed = navigator.userActivation?.hasBeenActive || (await new Audio(SILENCE).play().then(() => true, () => false))
    return this.#allowed
  }

  /** Resolves when all is said. `speaks`: the edge has a program that speaks. */
  async say(alarm: Alarm, speaks: boolean) {
    await this.#tone(alarm.severity)
    const words = [alarm.title.id, alarm.message.id].filter(Boolean).join('. ')
    const voice = globalThis.speechSynthesis?.getVoices().find((v) => v.lang.toLowerCase().startsWith('id'))
    if (voice) await spoken(words, voice)
    else if (speaks) await postJson(`/api/speak?alarm=${encodeURIComponent(alarm.id)}`).catch(() => {}) // its health tells; the tone was heard
  }

  async #tone(severity: number) {
    const context = this.#sounds()
    await context?.resume()
    if (context?.state !== 'running') return
    let at = context.currentTime + 0.02
    for (let round = 0; round <= severity; round++) {
      for (const frequency of TONES) {
        const [tone, loudness] = [context.createOscillator(), context.createGain()]
        tone.frequency.value = frequency
        loudness.gain.setValueAtTime(0, at)
        loudness.gain.linearRampToValueAtTime(LOUD, at + 0.02)
        loudness.gain.setValueAtTime(LOUD, at + TONE_S - 0.03)
        loudness.gain.linearRampToValueAtTime(0, at + TONE_S)
        tone.connect(loudness).connect(context.destination)
        tone.start(at)
        tone.stop(at + TONE_S)
        at += TONE_S + GAP_S
      }
      at += 2 * GAP_S
    }
    await new Promise((done) => setTimeout(done, (at - context.currentTime) * 1000))
  }

  #sounds(): AudioContext | null {
    if (!this.#context && 'AudioContext' in globalThis) this.#context = new AudioContext()
    return this.#context
  }
}

/** A voice that never ends must not keep the next alarm from being heard. */
const PATIENCE_MS = 60_000

function spoken(words: string, voice: SpeechSynthesisVoice): Promise<void> {
  return new Promise((done) => {
    const said = new SpeechSynthesisUtterance(words)
    said.voice = voice
    said.lang = voice.lang
    said.rate = 0.9
    said.onend = said.onerror = () => done()
    setTimeout(done, PATIENCE_MS)
    speechSynthesis.speak(said)
  })
}
