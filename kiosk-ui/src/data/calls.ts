/** The call of the attract screen, in turn. `reviewed: false`: not yet read by a speaker from Banyuwangi.
 *  Osing and Madurese are missing on purpose until somebody who speaks them has written them. */
export interface Call {
  language: string
  text: string
  reviewed: boolean
}

export const CALLS: Call[] = [
  { language: 'id', text: 'Sentuh untuk mulai', reviewed: true },
  { language: 'en', text: 'Touch to begin', reviewed: true },
  { language: 'jv', text: 'Demèk kanggo miwiti', reviewed: false },
]
