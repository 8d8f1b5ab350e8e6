/** A morning's list in the page's language, out of the document's sentences; what a language lacks is Indonesian. Pure. */
import type { AdviceDocument, FieldAdvice, Phrase } from '../api/types'

type Words = NonNullable<AdviceDocument['words']>
const FALLBACK = 'id'

/** The list of `field`, or null where it has none. */
export function listOf(advice: AdviceDocument | null, field: string | undefined, language: string): FieldAdvice | null {
  const list = advice?.fields.find((f) => f.field === field) ?? null
  const words = advice?.words
  if (!list || !words || language === FALLBACK) return list
  const own = (each: { sentence: string; said?: Phrase }) => (each.said ? spoken(each.said, words, language) : null) ?? each.sentence
  const actions = list.actions.map((a) => ({ ...a, sentence: own(a), reason: { ...a.reason, sentence: own(a.reason) } }))
  return { ...list, actions }
}

/** The sentence with its values; null where neither the language nor Indonesian has it. */
export function spoken(phrase: Phrase, words: Words, language: string): string | null {
  const text = words[language]?.[phrase.say] ?? words[FALLBACK]?.[phrase.say]
  if (text === undefined) return null
  let whole = true
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = written(phrase.with[name], words, language)
    whole &&= value !== null
    return value ?? ''
  })
  return whole ? filled : null
}

function written(value: Phrase['with'][string] | undefined, words: Words, language: string): string | null {
  if (value === undefined) return null
  if (typeof value === 'number') return language === 'en' ? String(value) : String(value).replace('.', ',')
  if (typeof value === 'string') return value
  if ('say' in value) return spoken(value, words, language)
  return value.text[language] ?? value.text[FALLBACK] ?? null
}
