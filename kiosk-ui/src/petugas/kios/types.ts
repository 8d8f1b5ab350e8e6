/** As the API tells kiosks and their withdrawals. */
export interface Withdrawal {
  at: string
  by: string
  reason: string
  /** none: nobody is set up to be asked; asked: not done yet; refused: let in no more */
  broker: 'none' | 'asked' | 'refused'
  broker_note: string
  restored: string | null
  restored_by: string | null
  restored_reason: string | null
  mistake: boolean | null
}

export interface Kiosk {
  node: string
  village: string
  state: 'online' | 'offline' | 'conflict' | 'withdrawn'
  last_seen: string
  /** old: of before it was withdrawn, so that nothing is sealed to it */
  key: 'none' | 'good' | 'old'
  /** its village has no other that works */
  only: boolean
  /** residents of the village who have a PIN */
  pins: number
  withdrawals: Withdrawal[]
}

export const SHORTEST = 5

/** The withdrawal that holds. */
export const holding = (kiosk: Kiosk): Withdrawal | null => kiosk.withdrawals.find((w) => !w.restored) ?? null

/** Those whose name or village holds the words; what is withdrawn or has an old key first, then by village. */
export function chosen(kiosks: Kiosk[], words: string, placeOf: (code: string) => string): Kiosk[] {
  const wanted = words.trim().toLowerCase()
  const rank = (kiosk: Kiosk) => (kiosk.state === 'withdrawn' ? 0 : kiosk.key === 'old' ? 1 : 2)
  return kiosks
    .filter((k) => `${k.node} ${k.village} ${placeOf(k.village)}`.toLowerCase().includes(wanted))
    .sort((a, b) => rank(a) - rank(b) || placeOf(a.village).localeCompare(placeOf(b.village)) || a.node.localeCompare(b.node))
}
