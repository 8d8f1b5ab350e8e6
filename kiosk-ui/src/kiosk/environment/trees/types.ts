/** The village's document of trees, as the regency publishes it; no person is in it. */
import type { Text } from '../../../api/types'
import type { Standing } from '../../../pohon/types'

export interface TreesDocument {
  codes: string[]
  statuses: string
  plots: { id: string; name: string }[]
  species: { name: string; title: Text }[]
  standing: Standing
  policy: { title: Text; decree: string; grace_days: number; letters: string[]; binding: boolean } | null
}

export type Looked = { code: string; sent: boolean; as_of: string | null } & (
  | { kind: 'tree'; status: string }
  | { kind: 'pledge'; due: string; letter: string; kept: boolean }
)

export interface Told {
  code: string
  qr: string
  sent: boolean
}
