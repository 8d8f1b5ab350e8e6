/** What a kiosk makes of its own gauge, with the link or without: as `kampung_cloud/gauges/pace.py` does in the regency. */

const HOUR = 3_600_000
/** a pace is that of the last half an hour */
const OVER = HOUR / 2
const MOST = 31
/** metres an hour that are no trend */
const CALM = 0.02
/** a gauge that was heard each minute and is not for so long is silent */
export const SILENT = 20 * 60_000

export interface Pace {
  /** metres an hour */
  rate: number
  trend: 'rising' | 'falling' | 'steady'
}

/** 0 below Siaga 3 to 3 at or above Siaga 1. */
export const ordinal = (level: number, marks: number[]): number => marks.filter((mark) => level >= mark).length

/** Both scales have one ordinal: river gauges count down. */
export const siaga = (grade: number): string => `Siaga ${4 - Math.min(3, Math.max(0, grade))}`

/** The median of the slopes between all pairs of readings of the last half an hour; null for fewer than two. */
export function pace(t: number[], v: (number | null)[]): Pace | null {
  const known = t.flatMap((at, i) => (v[i] === null || v[i] === undefined ? [] : [{ at, level: v[i] }]))
  const end = known.at(-1)?.at ?? 0
  let recent = known.filter((p) => p.at >= end - OVER)
  if (recent.length > MOST) {
    const step = recent.length / MOST
    recent = Array.from({ length: MOST }, (_, i) => recent[Math.min(recent.length - 1, Math.round((i + 1) * step) - 1)]!)
  }
  const slopes: number[] = []
  recent.forEach((a, i) => {
    for (const b of recent.slice(i + 1)) if (b.at > a.at) slopes.push((b.level - a.level) / (b.at - a.at))
  })
  if (!slopes.length) return null
  slopes.sort((a, b) => a - b)
  const half = slopes.length / 2
  const rate = HOUR * (slopes.length % 2 ? slopes[Math.floor(half)]! : (slopes[half - 1]! + slopes[half]!) / 2)
  return { rate, trend: rate > CALM ? 'rising' : rate < -CALM ? 'falling' : 'steady' }
}

/** Minutes until the next level at this pace; null when the water does not rise, or stands above all of them. */
export function minutesToNext(level: number, marks: number[], found: Pace | null): { minutes: number; grade: number } | null {
  const grade = ordinal(level, marks)
  if (!found || found.trend !== 'rising' || grade >= marks.length) return null
  return { minutes: ((marks[grade]! - level) / found.rate) * 60, grade: grade + 1 }
}
