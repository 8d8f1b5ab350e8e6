/** What quality control said of a period: in which order it is told, and which limits are worth showing. */
import type { Doubt, QualityAnswer, Test } from '../api/types'

/** Newest first. One and the same test of kiosk and regency, or with another flag, stays a line of its own. */
export const newest = (answer: QualityAnswer, most: number): Doubt[] => [...answer.doubts].sort((a, b) => b.to - a.to || b.from - a.from).slice(0, most)

/** Readings of each flag that needs a word, most of them first; good ones say nothing. */
export const poor = (answer: QualityAnswer): [number, number][] =>
  Object.entries(answer.flags ?? {})
    .map(([flag, count]): [number, number] => [Number(flag), count])
    .filter(([flag, count]) => flag !== 1 && count > 0)
    .sort((a, b) => b[1] - a[1])

type Shown = (value: number) => string
type Said = (key: string, values: Record<string, string>) => string

/** 600 s as "10 menit", in whole units where it is whole. */
export function pause(seconds: number, say: Said): string {
  for (const [unit, size] of [['days', 86_400], ['hours', 3_600], ['minutes', 60]] as const)
    if (seconds >= size && seconds % size === 0) return say(`quality.${unit}`, { count: String(seconds / size) })
  return say('quality.seconds', { count: String(seconds) })
}

/** A test's numbers in words; empty where the test has none to show. */
export function limitsOf({ test, limits }: Test, num: Shown, say: Said): string {
  const n = (key: string) => num(limits[key] as number)
  const has = (key: string) => typeof limits[key] === 'number'
  switch (test) {
    case 'range':
    case 'usual':
      return say('quality.limits.span', { low: n('low'), high: n('high') })
    case 'rate':
      return (limits.steps as [number, number][]).map(([s, change]) => say('quality.limits.step', { change: num(change), time: pause(s, say) })).join('; ')
    case 'spike':
      return say(has('fail') ? 'quality.limits.spikes' : 'quality.limits.spike', { suspect: n('suspect'), fail: has('fail') ? n('fail') : '' })
    case 'still':
      return say('quality.limits.still', { change: n('change'), time: pause(limits.seconds as number, say) })
    case 'neighbours':
      return say('quality.limits.neighbours', { most: n('most'), count: String((limits.series as string[]).length - 1) })
    default:
      return ''
  }
}
