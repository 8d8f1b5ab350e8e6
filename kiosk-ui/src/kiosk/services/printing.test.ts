import { expect, test } from 'vitest'
import { saying, type Printed } from './printing'
import words from './words/id.json'

test('whatever becomes of a slip has its words', () => {
  for (const state of ['waiting', 'printing', 'done', 'perhaps', 'dropped'] as const)
    for (const printer of ['ready', 'paper_out', 'cover_open', 'error', 'offline', 'silent', 'unreachable'] as const) {
      const key = saying({ job: 'x', state, more: true, printer: { state: printer } } satisfies Printed)
      expect(words).toHaveProperty([key])
    }
})
