/** The village whose requests are shown: the account's own, or the one that somebody of the regency chooses. */
import { getJson } from '../../api/request'
import type { Desk } from '../desk.svelte'

export class Place {
  villages = $state.raw<{ code: string; name: string }[]>([])
  chosen = $state('')

  constructor(desk: Desk) {
    this.chosen = desk.actor?.village ?? ''
    if (this.chosen) return
    try {
      this.chosen = sessionStorage.getItem('desk.village') ?? ''
    } catch {
      // forbidden store: it is chosen anew on each page
    }
    void getJson<{ code: string; name: string }[]>('/api/v1/villages').then(
      (found) => {
        this.villages = found
        if (!this.chosen) this.choose(found[0]?.code ?? '')
      },
      () => {},
    )
  }

  choose(code: string) {
    this.chosen = code
    try {
      sessionStorage.setItem('desk.village', code)
    } catch {
      // as above
    }
  }
}
