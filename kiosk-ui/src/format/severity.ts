/** One scale everywhere: a word, a shape, a colour. The words are official and are not translated. */

export type Level = 0 | 1 | 2 | 3

export const SHAPES = ['disc', 'triangle', 'diamond', 'square'] as const
export const WORDS = ['Aman', 'Waspada', 'Siaga', 'Awas'] as const

/** SVG paths in a 24 × 24 box, drawn so that all four look equally large. */
export const PATHS: Record<(typeof SHAPES)[number], string> = {
  disc: 'M12 2.5a9.5 9.5 0 1 1 0 19a9.5 9.5 0 1 1 0-19Z',
  triangle: 'M12 1.8 23 21.2H1Z',
  diamond: 'M12 .8 23.2 12 12 23.2.8 12Z',
  square: 'M3 3h18v18H3Z',
}

export function level(ordinal: number): Level {
  return Math.min(3, Math.max(0, Math.round(ordinal))) as Level
}

export const shape = (ordinal: number) => SHAPES[level(ordinal)]
export const word = (ordinal: number) => WORDS[level(ordinal)]
export const path = (ordinal: number) => PATHS[shape(ordinal)]

/** The worst first; of equals, the newest. */
export function bySeverity<A extends { severity: number; since: string }>(alarms: A[]): A[] {
  return [...alarms].sort((a, b) => b.severity - a.severity || Date.parse(b.since) - Date.parse(a.since))
}
