/** An alarm rule in people's words: when it begins, when it is over. The rule is data; so is every word here. */
import type { Condition, Leaf, Rule } from '../api/types'
import { decimalsIn } from '../format/number'
import { quantity, say, t } from '../language.svelte'

/** What a quantity is called, and with how many decimals it is read. */
export type Naming = (quantity: string) => { name: string; decimals: number }

export interface RuleWords {
  begins: string
  ends: string
  /** what else has to be known, a sentence each */
  more: string[]
}

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** `10 menit` of `10m`, nothing of `0s`. */
export function lasting(duration: string | undefined): string {
  const seconds = Number.parseInt(duration ?? '0', 10) * (SECONDS[(duration ?? '0s').slice(-1)] ?? 1)
  return seconds ? say.length(seconds) : ''
}

export function ruleWords(rule: Rule, naming: Naming): RuleWords {
  const hold = lasting(rule.for)
  const calm = lasting(rule.clear_for)
  const begins = phrase(rule.when, naming, 'begin')
  const ends = phrase(rule.when, naming, 'end')
  const more: string[] = []
  const several = Math.max(...leaves(rule.when).map((leaf) => leaf.at_least ?? 1))
  if (several > 1) more.push(t('rule.atleast', { count: several }))
  if (rule.hours) more.push(t('rule.hours', { from: rule.hours.from, to: rule.hours.to }))
  if ((rule.suspect ?? 'twice') !== 'counts' && rule.when.type !== 'silence') more.push(t(`rule.suspect.${rule.suspect ?? 'twice'}`))
  return {
    begins: hold ? t('rule.begins.for', { what: begins, time: hold }) : t('rule.begins', { what: begins }),
    ends: calm ? t('rule.ends.for', { what: ends, time: calm }) : t('rule.ends', { what: ends }),
    more,
  }
}

export const leaves = (condition: Condition): Leaf[] => ('parts' in condition ? condition.parts.flatMap(leaves) : [condition])

function phrase(condition: Condition, naming: Naming, side: 'begin' | 'end'): string {
  if ('parts' in condition) {
    // What begins when all hold is over when one no longer does, and the other way round.
    const all = (condition.type === 'all') === (side === 'begin')
    return condition.parts.map((part) => phrase(part, naming, side)).join(t(all ? 'rule.and' : 'rule.or'))
  }
  const { name: proper, decimals } = naming(condition.quantity)
  const name = inSentence(proper)
  const value = (v: number) => quantity(v, condition.unit, Math.max(decimals, decimalsIn(v)))
  switch (condition.type) {
    case 'threshold': {
      const above = (condition.direction ?? 'above') === 'above'
      return side === 'begin'
        ? t(above ? 'rule.reaches' : 'rule.falls', { what: name, value: value(condition.threshold) })
        : t(above ? 'rule.falls' : 'rule.reaches', { what: name, value: value(condition.clear) })
    }
    case 'band': {
      const calm = condition.deadband ?? 0
      const [low, high] = side === 'begin' ? [condition.low, condition.high] : [condition.low + calm, condition.high - calm]
      return t(side === 'begin' ? 'rule.outside' : 'rule.within', { what: name, low: value(low), high: value(high) })
    }
    case 'rise': {
      const up = condition.change > 0
      if (side === 'begin') return t(up ? 'rule.rises' : 'rule.drops', { what: name, value: value(Math.abs(condition.change)), time: lasting(condition.within) })
      return t(up ? 'rule.rises.less' : 'rule.drops.less', { what: name, value: value(Math.abs(condition.clear)), time: lasting(condition.within) })
    }
    case 'reach':
      return side === 'begin'
        ? t('rule.soon', { what: name, value: value(condition.level), time: lasting(condition.within), over: lasting(condition.over) })
        : t('rule.notsoon', { what: name, value: value(condition.level), time: lasting(condition.clear) })
    default:
      return side === 'begin' ? t('rule.silent', { what: name, time: lasting(condition.after) }) : t('rule.heard', { what: name })
  }
}

/** Small within a sentence, unless it is an abbreviation such as PM2.5 or pH. */
const inSentence = (name: string) => (/^\p{Lu}\p{Ll}/u.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name)

