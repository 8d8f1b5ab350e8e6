/** Which alarm is to be heard now: once each, again by its class until somebody has seen it, at night only what cannot wait. Pure. */
import type { Alarm } from '../api/types'
import { MINUTE, HOUR, wib } from '../format/time'

/** Same numbers as the cloud's classes.toml, for a kiosk must know them without a link. `awake`: heard at night from this severity on. */
const CLASSES = [
  { about: ['flood', 'landslide', 'volcano', 'air', 'weather', 'heat', 'water', 'other'], severities: [3], repeat: 30 * MINUTE, awake: 1 },
  { about: ['flood', 'landslide', 'volcano'], severities: [1, 2], repeat: 2 * HOUR, awake: 2 },
  { about: ['air'], severities: [1, 2], repeat: 12 * HOUR, awake: 3 },
  { about: ['weather', 'heat', 'water', 'other'], severities: [1, 2], repeat: 12 * HOUR, awake: 2 },
]
const NIGHT = { from: 21, to: 5 }

export type Sounded = Record<string, { at: number; severity: number }>

/** A late reading may move an alarm's beginning and with it its name; to people it is the same one. */
export const nameOf = (alarm: Alarm) => `${alarm.rule}@${alarm.scope}`

const classOf = (alarm: Alarm) => CLASSES.find((c) => c.about.includes(alarm.about) && c.severities.includes(alarm.severity)) ?? null

const seen = (alarm: Alarm) => Boolean(alarm.handling?.acknowledged || alarm.seen?.length)

export function atNight(now: number): boolean {
  const hour = wib(now).hour
  return hour >= NIGHT.from || hour < NIGHT.to
}

/** The gravest that is due; null for silence. An alarm that got worse is due again at once. */
export function due(alarms: Alarm[], sounded: Sounded, now: number): Alarm | null {
  const night = atNight(now)
  const some = alarms.filter((alarm) => {
    const kind = classOf(alarm)
    if (alarm.state !== 'firing' || !kind || (night && alarm.severity < kind.awake)) return false
    const before = sounded[nameOf(alarm)]
    if (!before || before.severity < alarm.severity) return !seen(alarm)
    return now - before.at >= kind.repeat && !seen(alarm)
  })
  return some.sort((a, b) => b.severity - a.severity || Date.parse(a.since) - Date.parse(b.since))[0] ?? null
}

/** What is remembered: alarms that stand, and those that ended within the day, so that one that comes and goes is not a new one. */
export function remembered(sounded: Sounded, alarm: Alarm, now: number): Sounded {
  const young = Object.entries(sounded).filter(([, what]) => now - what.at < 24 * HOUR)
  return { ...Object.fromEntries(young), [nameOf(alarm)]: { at: now, severity: alarm.severity } }
}
