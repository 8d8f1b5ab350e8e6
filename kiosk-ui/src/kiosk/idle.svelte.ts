/** Nobody there: the kiosk goes back to its first screen, and says so before it does. */
export const IDLE_S = 60
export const WARN_S = 15

const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const

export class Idle {
  /** whole seconds until return; null while not counting down in sight */
  left = $state<number | null>(null)
  #last = Date.now()

  /** Starts watching; returns what stops it. `onidle` is called once each time the time is up. */
  watch(onidle: () => void): () => void {
    this.touch()
    const touch = () => this.touch()
    for (const sign of SIGNS) addEventListener(sign, touch, { passive: true, capture: true })
    const timer = setInterval(() => {
      const left = IDLE_S - Math.floor((Date.now() - this.#last) / 1000)
      if (left <= 0) {
        this.touch()
        onidle()
      } else {
        this.left = left <= WARN_S ? left : null
      }
    }, 250)
    return () => {
      clearInterval(timer)
      this.left = null
      for (const sign of SIGNS) removeEventListener(sign, touch, { capture: true })
    }
  }

  /** Somebody is there. The countdown goes with the next tick, not under the finger that stops it. */
  touch() {
    this.#last = Date.now()
  }
}
