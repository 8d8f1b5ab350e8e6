/** What a native speaker has read: every string of a language, or those named. What is not here needs review, and `tinjau` says so. */
import { FALLBACK, LANGUAGES, MESSAGES } from './registry'

const REVIEWED: Record<string, true | readonly string[]> = {
  id: true,
  en: [],
  jv: [],
  osi: [],
  mad: [],
}

export interface Coverage {
  language: string
  /** strings there are, as many as in Indonesian */
  all: number
  /** said in the language itself */
  own: number
  reviewed: number
}

export function reviewed(language: string, key: string): boolean {
  const read = REVIEWED[language]
  return MESSAGES[language]?.[key] !== undefined && (read === true || (read ?? []).includes(key))
}

export const coverage = (): Coverage[] =>
  LANGUAGES.map((language) => {
    const keys = Object.keys(MESSAGES[language] ?? {})
    return {
      language,
      all: Object.keys(MESSAGES[FALLBACK]!).length,
      own: keys.length,
      reviewed: keys.filter((key) => reviewed(language, key)).length,
    }
  })

/** Strings named as read that are not there: a slip of the pen. */
export const lost = (): string[] =>
  Object.entries(REVIEWED).flatMap(([language, read]) =>
    (read === true ? [] : read).filter((key) => MESSAGES[language]?.[key] === undefined).map((key) => `${language} ${key}`),
  )
