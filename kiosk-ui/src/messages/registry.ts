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
export const MESSAGES: Record<string, Messages> = { [FALLBACK]: { ...indonesian } }

type Files = Record<string, () => Promise<Messages>>

/** The message files of a language, those of the pages' folders too. */
const sources: { owner: string; files: Files }[] = [
  { owner: '.', files: import.meta.glob<Messages>(['./*.json', '!./id.json'], { import: 'default' }) },
]
/** Languages that somebody has asked for: words that come later come in these too. */
const asked = new Set<string>()
const listeners: (() => void)[] = []

/** Called whenever words have come that were not there before. */
export const onWords = (listener: () => void) => listeners.push(listener)

const fetched = async (language: string, owner: string, files: Files): Promise<boolean> => {
  const messages = await files[`${owner}/${language}.json`]?.()
  if (!messages) return false
  MESSAGES[language] = { ...MESSAGES[language], ...messages }
  return true
}

/**
 * The words of one domain, from its folder `words/`: Indonesian at once, the others when their language is chosen. Called by the domain's `words.ts`,
 * so that a page carries the words of what it shows and nobody else's.
 */
export function addWords(indonesian: Messages, files: Files): void {
  Object.assign(MESSAGES[FALLBACK]!, indonesian)
  sources.push({ owner: './words', files })
  for (const listener of listeners) listener()
  for (const language of asked)
    void fetched(language, './words', files)
      .then((came) => came && listeners.forEach((listener) => listener()))
      .catch(() => asked.delete(language)) // said in Indonesian; choosing the language again tries again
}

/** Fetch a language once. False where it has no file or there is no line: then its words are Indonesian, and asking again tries again. */
export async function load(language: string): Promise<boolean> {
  if (language === FALLBACK || asked.has(language)) return true
  try {
    asked.add(language)
    const came = await Promise.all(sources.map(({ owner, files }) => fetched(language, owner, files)))
    if (came[0]) return true
  } catch {
    // no line
  }
  asked.delete(language)
  return false
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
