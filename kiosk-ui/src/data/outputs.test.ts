import { describe, expect, it } from 'vitest'
import { length, lengths, usual } from './outputs'

describe('lengths', () => {
  it('end with the longest, which is never passed', () => {
    for (const longest of [20, 60, 180, 600, 3600, 86_400]) {
      const found = lengths(longest)
      expect(found.at(-1)).toBe(longest)
      expect(found).toEqual([...new Set(found)].sort((a, b) => a - b))
      expect(found).toContain(usual(longest))
    }
  })
  it('are said in the largest unit that fits', () => {
    expect([length(90), length(300), length(7200)]).toEqual([
      { key: 'time.seconds', count: 90 },
      { key: 'time.minutes', count: 5 },
      { key: 'time.hours', count: 2 },
    ])
  })
})
