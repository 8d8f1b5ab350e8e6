/** A rule's marks as labelled lines of a chart. */
import type { Threshold } from '../api/types'
import { CALM, type RuleMark } from '../data/rule-marks'
import { decimalsIn } from '../format/number'
import { t } from '../language.svelte'

export function ruleLines(marks: RuleMark[], severity: number, word: string, decimals: number): Threshold[] {
  return marks.map(({ kind, value }) => {
    const calm = CALM.includes(kind)
    return {
      value,
      severity: calm ? 0 : severity,
      label: t(calm ? 'mark.calm' : kind === 'low' || kind === 'high' ? `mark.${kind}` : 'mark.limit', { word }),
      decimals: Math.max(decimals, decimalsIn(value)),
      right: calm,
    }
  })
}