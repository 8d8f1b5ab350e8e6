/** Where a plot of quarters stands: bars or a line over quarters that follow one another, in a box as wide as the page gives, in pixels. */
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

export const slot = (all: number, width: number): number => (width - LEFT - RIGHT) / all
export const x = (index: number, all: number, width: number): number => LEFT + (index + 0.5) * slot(all, width)
/** Every how many-th one has its name, so that names do not touch; counted from the last. */
export const nth = (all: number, width: number): number => Math.max(1, Math.ceil(64 / slot(all, width)))
export const y = (value: number, [low, high]: readonly [number, number]): number => TOP + ((high - value) * (HEIGHT - TOP - BOTTOM)) / (high - low || 1)
export const base = HEIGHT - BOTTOM
export const start = LEFT
export const end = (width: number): number => width - RIGHT

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
