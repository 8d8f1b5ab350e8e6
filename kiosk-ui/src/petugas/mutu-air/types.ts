/** Shapes of the API's water quality. */

export type Limit = number | [number, number] | null

export interface Parameter {
  key: string
  title: string
  unit: string
  decimals: number
  sense: string
  limits: Limit[]
  marks: string[]
}

export interface Term {
  parameter: string
  title: string
  value: number
  limit: number | [number, number]
  unit: string
  decimals: number
  ratio: number
  term: number
  below: boolean
}

export interface Sample {
  id: number | null
  village: string
  place: string
  class: number
  taken: string
  laboratory: string
  index: number
  status: 'good' | 'light' | 'moderate' | 'heavy'
  word: string
  worst: string
  terms: Term[]
  doubts: string[]
  note: string | null
}

export interface Preview {
  lines: number
  samples: Sample[]
  faults: { line: number; message: string }[]
}

export interface SensorIndex {
  village: string
  node: string
  device: string
  title: string
  index: number
  word: string
  worst: string
  n: number
  note: string | null
}

/** A number as a laboratory writes it, with decimal comma or point; null where it is none. */
export function figure(text: string): { value: number; below: boolean } | null {
  const plain = text.trim().replace(/^</, '').trim()
  if (!/^-?\d+([.,]\d+)?$/.test(plain)) return null
  return { value: Number(plain.replace(',', '.')), below: text.trim().startsWith('<') }
}
