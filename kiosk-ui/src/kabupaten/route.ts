/** Where the page's address after `#` leads. An alarm's name is encoded in it, since it holds ':' and may hold anything. */

export type Route =
  | { page: 'home' }
  | { page: 'map'; asked: URLSearchParams }
  | { page: 'air'; station: string | null }
  | { page: 'rivers' }
  | { page: 'dead' }
  | { page: 'people' }
  | { page: 'silences' }
  | { page: 'messages'; asked: URLSearchParams }
  | { page: 'village'; code: string }
  | { page: 'alarm'; id: string }
  | { page: 'alarms'; asked: URLSearchParams }

export function route(hash: string): Route {
  const text = hash.replace(/^#/, '')
  if (text === 'udara') return { page: 'air', station: null }
  if (text.startsWith('udara/')) return { page: 'air', station: decoded(text.slice('udara/'.length)) || null }
  if (text === 'sungai') return { page: 'rivers' }
  if (text === 'tertolak') return { page: 'dead' }
  if (text === 'kontak') return { page: 'people' }
  if (text === 'senyap') return { page: 'silences' }
  if (/^\d\d\.\d\d\.\d\d\.\d{4}$/.test(text)) return { page: 'village', code: text }
  const [place, query = ''] = text.split('?', 2)
  if (place === 'peta') return { page: 'map', asked: new URLSearchParams(query) }
  if (place === 'peringatan') return { page: 'alarms', asked: new URLSearchParams(query) }
  if (place === 'pesan') return { page: 'messages', asked: new URLSearchParams(query) }
  if (text.startsWith('alarm/')) {
    const id = decoded(text.slice('alarm/'.length))
    if (id) return { page: 'alarm', id }
  }
  return { page: 'home' }
}

export const alarmHref = (id: string) => `#alarm/${encodeURIComponent(id)}`

export const airHref = (station: string) => `#udara/${encodeURIComponent(station)}`

export const layersHref = (asked: URLSearchParams) => `#peta${asked.size ? `?${asked}` : ''}`

export const alarmsHref = (asked: URLSearchParams) => `#peringatan${asked.size ? `?${asked}` : ''}`

export const messagesHref = (asked: URLSearchParams) => `#pesan${asked.size ? `?${asked}` : ''}`

/** As it stands where a hand has broken the encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
