/** The last search: it is there again when one comes back from a person. Gone with the page. */
import type { Line } from './types'

class Found {
  q = $state('')
  born = $state('')
  everybody = $state(false)
  lines = $state.raw<Line[] | null>(null)
  more = $state(false)

  forget() {
    this.q = this.born = ''
    this.lines = null
    this.more = this.everybody = false
  }
}

export const found = new Found()
