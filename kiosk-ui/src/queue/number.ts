/** Numbers of the queue, as they are read and as they are spoken. */

const DIGITS = 3

/** `A12` is read A012. */
export const shown = (number: string): string => `${number.slice(0, 1)}${number.slice(1).padStart(DIGITS, '0')}`

const UNITS = ['nol', 'satu', 'dua', 'tiga', 'empat', 'lima', 'enam', 'tujuh', 'delapan', 'sembilan', 'sepuluh', 'sebelas']

/** 0 to 999,999 in words: a voice reads 012 in its own way, and words in ours. */
export function inWords(n: number): string {
  if (n < 12) return UNITS[n]!
  if (n < 20) return `${UNITS[n - 10]} belas`
  if (n < 100) return joined(`${UNITS[Math.floor(n / 10)]} puluh`, n % 10)
  if (n < 1_000) return joined(n < 200 ? 'seratus' : `${UNITS[Math.floor(n / 100)]} ratus`, n % 100)
  return joined(n < 2_000 ? 'seribu' : `${inWords(Math.floor(n / 1_000))} ribu`, n % 1_000)
}

const joined = (head: string, rest: number): string => (rest ? `${head} ${inWords(rest)}` : head)

/** `A12`: A nol dua belas. */
export function spoken(number: string): string {
  const digits = shown(number).slice(1)
  const zeros = /^0*/.exec(digits)![0].length
  const head = Array<string>(Math.min(zeros, digits.length - 1)).fill('nol')
  return [number.slice(0, 1), ...head, inWords(Number(digits))].join(' ')
}

/** What the display says of a call. */
export const announcement = (number: string, counter: number): string => `Nomor ${spoken(number)}, silakan ke loket ${inWords(counter)}.`
