/** The staff's desk: who sits at it. A request that is answered with 401 ends it, whoever asked. */
import { ApiError } from '../api/request'
import { logOut, who, type Actor } from '../api/session'

type State = 'asking' | 'failed' | 'out' | 'in'

export class Desk {
  actor = $state.raw<Actor | null>(null)
  state = $state<State>('asking')
  /** whether the session ended by itself */
  ended = $state(false)

  async look() {
    try {
      this.enter(await who())
    } catch {
      this.state = 'failed'
    }
  }

  enter(actor: Actor | null) {
    this.actor = actor
    this.state = actor ? 'in' : 'out'
    if (actor) this.ended = false
  }

  async leave(everywhere = false) {
    try {
      await logOut(everywhere)
    } finally {
      this.enter(null)
    }
  }

  /** What `ask` answers; who is no longer logged in comes to the login. Throws `ApiError`. */
  async ask<T>(ask: Promise<T>): Promise<T> {
    try {
      return await ask
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unauthorised') {
        this.ended = this.state === 'in'
        this.enter(null)
      }
      throw error
    }
  }
}
