/** Who stands at the kiosk, as its edge knows him. The page keeps neither NIK nor PIN: what is typed goes to the edge and is forgotten. */
import { deleteAt, getJson, postJson } from '../../api/request'

export type Way = 'pin' | 'card' | 'receipt' | 'staff'
export interface Somebody {
  name: string
  mask: string
  way: Way
  helper: string
  /** on the roll of the village, and so with requests of his own */
  known: boolean
  /** his PIN was given him and is to be changed first */
  first: boolean
}
interface Told {
  ways: Way[]
  staff: { id: string; name: string }[]
  who: Somebody | null
}

class Who {
  ways = $state.raw<Way[]>([])
  staff = $state.raw<Told['staff']>([])
  now = $state.raw<Somebody | null>(null)
  /** a short hash found him: whoever helps has yet to say that it is he */
  doubtful = $state(false)

  /** whom a page may go on with */
  get settled(): Somebody | null {
    return this.now && !this.now.first && !this.doubtful ? this.now : null
  }

  async load() {
    this.#take(await getJson<Told>('/api/identity'))
  }

  /** Throws `ApiError`. */
  async begin(said: Record<string, string>) {
    this.now = null
    const told = await postJson<Told>('/api/identity', said)
    this.doubtful = told.who?.way === 'staff' && told.who.known
    this.#take(told)
  }

  /** Throws `ApiError`. */
  async changePin(pin: string, old: string) {
    await postJson('/api/identity/pin', { pin, old })
    if (this.now) this.now = { ...this.now, first: false }
  }

  /** The page forgets at once, whatever the edge answers. */
  end() {
    if (!this.now) return
    this.now = null
    void deleteAt('/api/identity').catch(() => {})
  }

  #take(told: Told) {
    this.ways = told.ways
    this.staff = told.staff
    this.now = told.who
  }
}

export const who = new Who()
