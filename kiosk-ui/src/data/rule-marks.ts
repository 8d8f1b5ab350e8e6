/** The values a rule compares a quantity with, to be drawn. A rate has none of its own. */
import type { Leaf, MarkKind, Rule } from '../api/types'
import { leaves } from './rule-words'

export interface RuleMark {
  kind: MarkKind
  value: number
}

export const CALM: MarkKind[] = ['clear', 'low_clear', 'high_clear']

export const marksOf = (rule: Rule, quantity: string): RuleMark[] => leaves(rule.when).filter((leaf) => leaf.quantity === quantity).flatMap(of)

function of(leaf: Leaf): RuleMark[] {
  switch (leaf.type) {
    case 'threshold':
      return [{ kind: 'threshold', value: leaf.threshold }, ...(leaf.clear === leaf.threshold ? [] : [{ kind: 'clear' as const, value: leaf.clear }])]
    case 'band': {
      const calm = leaf.deadband ?? 0
      const bounds: RuleMark[] = [
        { kind: 'low', value: leaf.low },
        { kind: 'high', value: leaf.high },
      ]
      return calm ? [...bounds, { kind: 'low_clear', value: leaf.low + calm }, { kind: 'high_clear', value: leaf.high - calm }] : bounds
    }
    case 'reach':
      return [{ kind: 'level', value: leaf.level }]
    default:
      return []
  }
}
