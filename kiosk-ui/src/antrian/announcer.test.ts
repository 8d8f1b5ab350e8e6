import { afterEach, expect, test, vi } from 'vitest'
import type { Board } from '../queue/types'
import { Announcer } from './announcer.svelte'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const AT = '2026-11-30T02:00:00.000Z'
const board = (calls: number): Board =>
  ({ village: { name: '', type: 'desa', kecamatan: '' }, day: '', at: AT, calls, waiting: 0, closed: false, simulated: false, lines: [], counters: [], recent: [{ n: calls, number: `A${calls}`, counter: 1, at: AT, again: false }] })

test.each([
  ['fails', 5_000, () => Promise.reject(new Error('no sound'))],
  ['never ends', 70_000, () => new Promise<void>(() => {})],
])('a call is shown after one whose sound %s', async (_, ms, resume) => {
  vi.useFakeTimers()
  vi.stubGlobal('navigator', { userActivation: { hasBeenActive: true } })
  vi.stubGlobal('AudioContext', class { resume = resume })
  const announcer = new Announcer()
  for (const calls of [0, 1, 2]) announcer.hear(board(calls))
  expect(announcer.current?.number).toBe('A1')
  await vi.advanceTimersByTimeAsync(ms)
  expect(announcer.current?.number).toBe('A2')
  await vi.advanceTimersByTimeAsync(ms)
  expect(announcer.current).toBeNull()
})
