/** As `/api/v1/queue` tells it. */
export interface Spread {
  n: number
  p50: number | null
  p90: number | null
}

export interface Summary {
  taken: number
  served: number
  absent: number
  left: number
  priority: number
  doubtful: number
  wait: Spread
  service: Spread
}

export interface Result {
  village: string
  since: string
  until: string
  simulated: number
  whole: Summary
  hours: (Summary & { hour: number })[]
  days: (Summary & { day: string })[]
  lines: (Summary & { line: string; title: string })[]
  counters: (Summary & { counter: number })[]
}
