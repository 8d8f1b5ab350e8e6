import { expect, it } from 'vitest'
import { troubles } from './trouble'

const since = '2026-11-22T08:00:00+07:00'
const check = (ok: boolean, detail = '') => ({ ok, since, detail })

it('names what does not work, what takes in first, and nothing else', () => {
  const checks = { telemetry_files: check(false, 'c'), records: check(true), telemetry: check(false, 'b'), ingest: check(false, 'a') }
  expect(troubles(checks)).toEqual([
    { part: 'ingest', since, detail: 'a' },
    { part: 'telemetry', since, detail: 'b' },
    { part: 'telemetry_files', since, detail: 'c' },
  ])
  expect(troubles({ broker: check(true) })).toEqual([])
})
