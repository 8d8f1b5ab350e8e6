/** One act of a page at a time: whether it is under way, why it failed, what to say of it. */
import { ApiError } from '../api/request'
import type { Desk } from './desk.svelte'

export class Acting {
  busy = $state(false)
  failed = $state('')
  said = $state('')

  constructor(private readonly desk: Desk) {}

  /** What `what` answers, null where it failed. */
  async run<T>(what: () => Promise<T>): Promise<T | null> {
    this.busy = true
    this.said = this.failed = ''
    try {
      return await this.desk.ask(what())
    } catch (error) {
      this.failed = error instanceof ApiError ? error.message : String(error)
      return null
    } finally {
      this.busy = false
    }
  }
}
