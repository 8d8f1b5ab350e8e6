/** Message files. To add a language, add its file: what it lacks is said in Indonesian. */
import IntlMessageFormat from 'intl-messageformat'

export type Messages = Record<string, string>

const files = import.meta.glob<Messages>('./*.json', { eager: true, import: 'default' })

export const MESSAGES: Record<string, Messages> = Object.fromEntries(
  Object.entries(files).map(([path, messages]) => [path.replace(/^\.\/|\.json$/g, ''), messages]),
)
export const FALLBACK = 'id'
/** In the order in which they are offered: those of Banyuwangi first. */
const ORDER = [FALLBACK, 'jv', 'osi', 'mad', 'en']
const place = (code: string) => (ORDER.includes(code) ? ORDER.indexOf(code) : ORDER.length)
export const LANGUAGES = Object.keys(MESSAGES).sort((a, b) => place(a) - place(b))
/** Those that say everything, the pages of staff and officers too. */
export const WHOLE = LANGUAGES.filter((code) => Object.keys(MESSAGES[FALLBACK]!).every((key) => MESSAGES[code]![key] !== undefined))

const compiled = new Map<string, IntlMessageFormat>()

/** The message in `language`, else in Indonesian, else its key: a missing message is seen, never blank. */
export function message(language: string, key: string, values?: Record<string, string | number>): string {
  const owner = MESSAGES[language]?.[key] !== undefined ? language : FALLBACK
  const text = MESSAGES[owner]?.[key]
  if (text === undefined) return key
  if (!text.includes('{')) return text
  const name = `${owner}/${key}`
  let format = compiled.get(name)
  if (!format) {
    format = new IntlMessageFormat(text, owner === 'en' ? 'en-GB' : 'id-ID')
    compiled.set(name, format)
  }
  return String(format.format(values))
}

/** A text of the API in `language`, else in Indonesian, else in whatever it has. */
export function pick(text: Record<string, string> | null | undefined, language: string): string {
  return text?.[language] ?? text?.[FALLBACK] ?? Object.values(text ?? {})[0] ?? ''
}
