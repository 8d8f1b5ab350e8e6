/** A place by GPS that has come to rest: fixes must agree before one is taken, as Greenstand does it. */

export interface Fix {
  latitude: number
  longitude: number
  accuracy: number
}

export type FixState = 'idle' | 'looking' | 'settled' | 'timeout' | 'denied' | 'failed'

const KEPT = 5
export const SPREAD_M = 5
export const WORST_M = 50
const TIMEOUT_MS = 60_000
const METRES = 111_195

/** One standard deviation of the fixes' places in metres; infinite for fewer than three. */
export function spread(fixes: Fix[]): number {
  if (fixes.length < 3) return Infinity
  const middle = mean(fixes)
  const squares = fixes.map((f) => {
    const east = (f.longitude - middle.longitude) * Math.cos((middle.latitude * Math.PI) / 180)
    return (f.latitude - middle.latitude) ** 2 + east ** 2
  })
  return METRES * Math.sqrt(squares.reduce((a, b) => a + b, 0) / fixes.length)
}

/** Their middle; as sure as the phone says, and no surer than they agree. */
export function mean(fixes: Fix[]): Fix {
  const of = (pick: (f: Fix) => number) => fixes.reduce((sum, f) => sum + pick(f), 0) / fixes.length
  return { latitude: of((f) => f.latitude), longitude: of((f) => f.longitude), accuracy: of((f) => f.accuracy) }
}

export class Locator {
  state = $state<FixState>('idle')
  accuracy = $state<number | null>(null)
  fixes = $state.raw<Fix[]>([])
  /** what may be sent; null until there is something */
  place = $state.raw<Fix | null>(null)
  #watch: number | null = null
  #timer: ReturnType<typeof setTimeout> | undefined

  start() {
    this.stop()
    this.fixes = []
    this.place = null
    if (!('geolocation' in navigator) || !isSecureContext) {
      this.state = 'failed'
      return
    }
    this.state = 'looking'
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => this.#take({ latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy }),
      (error) => {
        if (error.code === error.PERMISSION_DENIED) this.state = 'denied'
        else if (this.place === null) this.state = 'failed'
      },
      { enableHighAccuracy: true, maximumAge: 0 },
    )
    this.#timer = setTimeout(() => {
      if (this.state === 'looking') this.state = 'timeout'
    }, TIMEOUT_MS)
  }

  #take(fix: Fix) {
    this.fixes = [...this.fixes, fix].slice(-KEPT)
    const apart = spread(this.fixes)
    const middle = this.fixes.length < 3 ? fix : mean(this.fixes)
    this.accuracy = Math.max(middle.accuracy, Number.isFinite(apart) ? 2 * apart : 0)
    this.place = {
      latitude: Math.round(middle.latitude * 1e6) / 1e6,
      longitude: Math.round(middle.longitude * 1e6) / 1e6,
      accuracy: Math.round(this.accuracy * 10) / 10,
    }
    if (this.fixes.length === KEPT && apart <= SPREAD_M && this.accuracy <= WORST_M) this.state = 'settled'
    else if (this.state !== 'timeout') this.state = 'looking'
  }

  /** Whether the place is good enough to be sent: at rest, or after a minute as good as it gets, but never too wide. */
  get usable(): boolean {
    return this.place !== null && this.place.accuracy <= WORST_M && (this.state === 'settled' || this.state === 'timeout')
  }

  stop() {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch)
    this.#watch = null
    clearTimeout(this.#timer)
  }
}
