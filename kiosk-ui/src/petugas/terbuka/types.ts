/** As `/api/v1/openings` tells it. */
import type { Text } from '../../api/types'

export interface Opening {
  quantity: string
  name: Text
  unit: string
  sensors: number
  readings: number
  last: string
  open: boolean
  /** null: the regency's configuration alone speaks */
  by: string | null
  at: string | null
  caution: { text: Text; source: string } | null
}

export interface Openings {
  village: string
  /** publisher and licence are named, so that something can be open */
  published: boolean
  publisher: string
  licence: string
  quantities: Opening[]
  decisions: { quantity: string; name: Text; open: boolean; by: string; at: string }[]
}
