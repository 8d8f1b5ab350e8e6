/** Ticks of an axis from 0 to at least `most`: three to six of them, by 1, 2 or 5 times a power of ten. */
export function scale(most: number): number[] {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((s) => s >= rough - 1e-9)!
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, place) => Number((place * step).toPrecision(12)))
}
