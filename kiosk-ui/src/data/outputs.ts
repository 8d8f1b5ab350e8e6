/** How long an output may be asked to stay on, and how that is said. */

const LENGTHS_S = [60, 300, 600, 1800, 3600, 14_400]
const USUAL_S = 300

/** Choices up to `longest` seconds; the longest is always one of them. */
export function lengths(longest: number): number[] {
  return [...LENGTHS_S.filter((s) => s < longest), longest]
}

/** What is chosen at first. */
export const usual = (longest: number): number => Math.min(USUAL_S, longest)

/** Message key and count of a length: `time.minutes`, 5. */
export function length(seconds: number): { key: string; count: number } {
  if (seconds % 3600 === 0) return { key: 'time.hours', count: seconds / 3600 }
  if (seconds % 60 === 0) return { key: 'time.minutes', count: seconds / 60 }
  return { key: 'time.seconds', count: seconds }
}
