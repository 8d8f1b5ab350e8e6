/** The page's language, and everything that is written differently by language. */
import { age, clock, instant, wib, wibDay } from './format/time'
import { number, unitText } from './format/number'
import { length } from './data/outputs'
import { FALLBACK, LANGUAGES, load, message, onWords, pick, WHOLE } from './messages/registry'
import type { Text } from './api/types'

let current = $state(FALLBACK)
let large = $state(false)
/** how many languages have been fetched: their words appear when they come */
let arrived = $state(0)
onWords(() => (arrived += 1))

export const language = {
  get code() {
    return current
  },
  get all() {
    return LANGUAGES
  },
  /** Those that the pages of staff and officers are written in. */
  get whole() {
    return WHOLE
  },
  get largeText() {
    return large
  },
  /** Unknown codes leave the language as it is. Words that are still on their way are Indonesian; resolves when they are there. */
  async use(code: string | null | undefined) {
    if (!code || !LANGUAGES.includes(code)) return
    current = code
    document.documentElement.lang = code
    if (await load(code)) arrived += 1
  },
  useLargeText(on: boolean) {
    large = on
    document.documentElement.dataset.text = on ? 'large' : ''
  },
}

const two = (n: number) => String(n).padStart(2, '0')

export const t = (key: string, values?: Record<string, string | number>) => {
  void arrived
  return message(current, key, values)
}
export const own = (text: Text | null | undefined) => pick(text, current)
export const num = (value: number, decimals = 0) => number(value, current, decimals)

/** `31,2 %`; the no-break space keeps the two on one line. */
export const quantity = (value: number, unit: string, decimals: number) => {
  const shown = unitText(unit)
  return shown ? `${num(value, decimals)}\u00a0${shown}` : num(value, decimals)
}

export const say = {
  /** 09.41 */
  clock: (at: string | number) => clock(at, current),
  /** 09.41 WIB */
  clockWib: (at: string | number) => `${clock(at, current)} WIB`,
  /** Sabtu, 21 November 2026 */
  date: (at: string | number) => {
    const w = wib(at)
    return t('date.long', { weekday: t(`weekday.${w.weekday}`), day: w.day, month: t(`month.${w.month}`), year: String(w.year) })
  },
  /** 21 November 2026 */
  plainDate: (at: string | number) => {
    const w = wib(at)
    return `${w.day} ${t(`month.${w.month}`)} ${w.year}`
  },
  /** Sab 21 Nov */
  shortDate: (at: string | number) => {
    const w = wib(at)
    return `${t(`weekday.short.${w.weekday}`)} ${w.day} ${t(`month.short.${w.month}`)}`
  },
  /** 21 Nov */
  dayMonth: (at: string | number) => {
    const w = wib(at)
    return `${w.day} ${t(`month.short.${w.month}`)}`
  },
  /** 21 Nov 09.41, for table rows */
  stamp: (at: string | number) => {
    const w = wib(at)
    return `${two(w.day)} ${t(`month.short.${w.month}`)} ${clock(at, current)}`
  },
  /** 12 menit lalu */
  age: (at: string | number, now: number) => {
    const { key, count } = age(at, now)
    return t(key, { count })
  },
  /** 5 menit, of seconds */
  length: (seconds: number) => {
    const { key, count } = length(seconds)
    return t(key, { count })
  },
  /** 09.41 today, 20 Nov 09.41 before today */
  moment: (at: string | number, now: number) =>
    wibDay(at) === wibDay(now) ? clock(at, current) : `${say.dayMonth(at)} ${clock(at, current)}`,
  /** whether there is a time to say at all */
  knows: (at: string | null | undefined): at is string => !!at && !Number.isNaN(instant(at)),
}
