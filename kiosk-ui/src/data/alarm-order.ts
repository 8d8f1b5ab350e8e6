/** The order in which alarms want to be looked at. */
import type { Alarm } from '../api/types'

const waits = (alarm: Alarm) => alarm.state === 'firing' && !alarm.handling?.acknowledged

/** What nobody has taken up first, then what stands; each the worst and then the newest first. */
export const unseenFirst = (alarms: Alarm[]): Alarm[] =>
  [...alarms].sort(
    (a, b) =>
      Number(waits(b)) - Number(waits(a)) ||
      Number(b.state === 'firing') - Number(a.state === 'firing') ||
      (a.state === 'firing' ? b.severity - a.severity : 0) ||
      Date.parse(b.since) - Date.parse(a.since),
  )
