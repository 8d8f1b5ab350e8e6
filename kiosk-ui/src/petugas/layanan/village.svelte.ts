/** The village whose requests are shown: the account's own, or the one that somebody of the regency chooses. */
import { getJson } from '../../api/request'
import type { Desk } from '../desk.svelte'

export class Place {
  villages = $state.raw<{ code: string; name: string }[]>([])
  chosen = $state('')

  /** `first` gives codes of villages that have something on this page; they come before the others. */
  constructor(desk: Desk, first: () => Promise<string[]> = () => Promise.resolve([])) {
    this.chosen = desk.actor?.village ?? ''
    if (this.chosen) return
    try {
      this.chosen = sessionStorage.getItem('desk.village') ?? ''
    } catch {
      // forbidden store: it is chosen anew on each page
    }
    const before = first().then((codes) => new Set(codes), () => new Set<string>())
    void Promise.all([getJson<{ code: string; name: string }[]>('/api/v1/villages'), before]).then(
      ([found, codes]) => {
        this.villages = [...found.filter((v) => codes.has(v.code)), ...found.filter((v) => !codes.has(v.code))]
        // Not kept for other pages: nobody has chosen it.
        if (!this.chosen) this.chosen = this.villages[0]?.code ?? ''
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
