import { say, t } from '../../language.svelte'
import type { Line } from './types'

/** `17 Agustus 1980` of an ISO day. */
export const day = (iso: string | null) => (iso ? say.plainDate(`${iso}T12:00:00+07:00`) : t('residents.unknown'))

export const age = (iso: string | null, now: number) => {
  if (!iso) return null
  const today = new Date(now + 7 * 3_600_000).toISOString().slice(0, 10)
  return Number(today.slice(0, 4)) - Number(iso.slice(0, 4)) - (today.slice(5) < iso.slice(5) ? 1 : 0)
}

export const sex = (code: Line['sex']) => (code ? t(`residents.sex.${code}`) : t('residents.unknown'))

/** `Krajan, RT 01 RW 02` */
export const place = (line: Pick<Line, 'hamlet' | 'rt' | 'rw'>) =>
  [line.hamlet, [line.rt && `RT ${line.rt}`, line.rw && `RW ${line.rw}`].filter(Boolean).join(' ')].filter(Boolean).join(', ')
