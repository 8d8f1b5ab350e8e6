/** Working minutes of a request; `counting` is on whom they count from the moment on at which its state was entered. */
export interface Clock {
  village_minutes: number
  elsewhere_minutes: number
  resident_minutes: number
  limit_minutes: number
  counting: 'village' | 'elsewhere' | 'resident' | null
}

/** Hours and minutes, the hours 0 below sixty. */
export function split(minutes: number): { hours: number; minutes: number } {
  return { hours: Math.floor(minutes / 60), minutes: minutes % 60 }
}

/** The village's part of its limit as a share of the bar, at most the whole of it; and by how many minutes it is over. */
export function part(clock: Clock): { share: number; over: number } {
  const limit = Math.max(1, clock.limit_minutes)
  return { share: Math.min(1, clock.village_minutes / limit), over: Math.max(0, clock.village_minutes - clock.limit_minutes) }
}

/** Rows that are worth showing beside the village's: those that count now, or did. */
export function others(clock: Clock): ('elsewhere' | 'resident')[] {
  return (['elsewhere', 'resident'] as const).filter((who) => clock.counting === who || clock[`${who}_minutes`] > 0)
}
