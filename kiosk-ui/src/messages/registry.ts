/** Message files. Indonesian comes with the page; another language is fetched when it is chosen, and what it lacks is said in Indonesian. */
import IntlMessageFormat from 'intl-messageformat'
import indonesian from './id.json'

export type Messages = Record<string, string>

export const FALLBACK = 'id'
/** In the order in which they are offered, those of Banyuwangi first, each by its own name, which is needed before its file is there. */
export const NAMES: Record<string, string> = { id: 'Indonesia', jv: 'Jawa', osi: 'Osing', mad: 'Madhurâ', en: 'English' }
export const LANGUAGES = Object.keys(NAMES)
/** Those that say everything, the pages of staff and officers too. */
export const WHOLE = [FALLBACK, 'en']

/** The languages that are here so far. */
export const MESSAGES: Record<string, Messages> = { [FALLBACK]: indonesian }

const files = import.meta.glob<Messages>(['./*.json', '!./id.json'], { import: 'default' })

/** Fetch a language once. False where it has no file or there is no line: then its words are Indonesian, and asking again tries again. */
export async function load(language: string): Promise<boolean> {
  if (MESSAGES[language]) return true
  try {
    const messages = await files[`./${language}.json`]?.()
    if (messages) MESSAGES[language] = messages
    return messages !== undefined
  } catch {
    return false
  }
}

/** Fetch every language: for the kiosk, whose own edge serves it, and for the page that reviews words. */
export const loadAll = (): Promise<boolean[]> => Promise.all(LANGUAGES.map(load))

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
