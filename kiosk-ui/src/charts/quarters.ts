/** Where a plot of quarters stands: bars or a line over quarters that follow one another, in a box of `WIDTH` × `HEIGHT`. */
export const WIDTH = 720
export const HEIGHT = 260
const LEFT = 48
const RIGHT = 12
const TOP = 30
const BOTTOM = 30

/** All quarters from the first to the last of some, `2026-Q4`, so that a quarter without figures is a gap and not left out. */
export function between(names: string[]): string[] {
  const sorted = [...names].sort()
  const out: string[] = []
  for (let at = sorted[0]; at && at <= sorted[sorted.length - 1]!; at = next(at)) out.push(at)
  return out
}

export function next(name: string): string {
  const [year, q] = [Number(name.slice(0, 4)), Number(name.slice(-1))]
  return q === 4 ? `${year + 1}-Q1` : `${year}-Q${q + 1}`
}

export const x = (index: number, all: number): number => LEFT + ((index + 0.5) * (WIDTH - LEFT - RIGHT)) / all
export const slot = (all: number): number => (WIDTH - LEFT - RIGHT) / all
export const y = (value: number, [low, high]: readonly [number, number]): number => TOP + ((high - value) * (HEIGHT - TOP - BOTTOM)) / (high - low || 1)
export const base = HEIGHT - BOTTOM
export const start = LEFT
export const end = WIDTH - RIGHT

/** From 0 to a round number at or above the highest, in at most five whole steps. */
export function steps(highest: number): number[] {
  const rough = Math.max(1, highest) / 5
  const unit = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, [1, 2, 5, 10].map((n) => n * unit).find((n) => n >= rough) ?? 1)
  return Array.from({ length: Math.ceil(Math.max(1, highest) / step) + 1 }, (_, i) => i * step)
}

/** Runs of indices that follow one another and have a value: a gap breaks the line. */
export function runs(values: (number | null)[]): number[][] {
  const out: number[][] = []
  values.forEach((value, i) => {
    if (value === null) return
    if (i > 0 && values[i - 1] !== null && out.length) out[out.length - 1]!.push(i)
    else out.push([i])
  })
  return out
}
