/** What a page that nobody sits at can be heard with: tones by the browser itself, words by its Indonesian voice where it has one. */

/** A twentieth of a second of nothing: whether it may be played says whether we may be heard, without a complaint in the console. */
const SILENCE = '/assets/hening.wav'
const GAP_S = 0.06
const LOUD = 0.35
/** A voice that never ends must not keep the next words from being heard. */
const PATIENCE_MS = 60_000

export interface Tone {
  hertz: number
  seconds: number
  /** silence before it */
  after?: number
}

export class Sound {
  #context: AudioContext | null = null
  #allowed = false

  /** Whether the browser lets us be heard; most wait for somebody to touch the screen, a kiosk's is told not to. */
  async mayBeHeard(): Promise<boolean> {
    if (!this.#allowed) this.#allowed = navigator.userActivation?.hasBeenActive || (await new Audio(SILENCE).play().then(() => true, () => false))
    return this.#allowed
  }

  /** One after another; resolves when all are over, at once where there is no sound. */
  async play(tones: Tone[]) {
    const context = this.#sounds()
    await context?.resume()
    if (context?.state !== 'running') return
    let at = context.currentTime + 0.02
    for (const { hertz, seconds, after = 0 } of tones) {
      at += after
      const [tone, loudness] = [context.createOscillator(), context.createGain()]
      tone.frequency.value = hertz
      loudness.gain.setValueAtTime(0, at)
      loudness.gain.linearRampToValueAtTime(LOUD, at + 0.02)
      loudness.gain.setValueAtTime(LOUD, at + seconds - 0.03)
      loudness.gain.linearRampToValueAtTime(0, at + seconds)
      tone.connect(loudness).connect(context.destination)
      tone.start(at)
      tone.stop(at + seconds)
      at += seconds + GAP_S
    }
    await new Promise((done) => setTimeout(done, (at - context.currentTime) * 1000))
  }

  #sounds(): AudioContext | null {
    if (!this.#context && 'AudioContext' in globalThis) this.#context = new AudioContext()
    return this.#context
  }
}

/** The browser's Indonesian voice; it may come some seconds after the page. */
export const indonesianVoice = (): SpeechSynthesisVoice | undefined =>
  globalThis.speechSynthesis?.getVoices().find((v) => v.lang.toLowerCase().startsWith('id'))

/** Resolves when it is said. */
export function speak(words: string, voice: SpeechSynthesisVoice): Promise<void> {
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
