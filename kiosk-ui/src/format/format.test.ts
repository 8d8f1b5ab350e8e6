import { describe, expect, it } from 'vitest'
import { number, unitText } from './number'
import { bySeverity, level, shape, word } from './severity'
import { age, clock, DAY, HOUR, instant, isStale, MINUTE, wib, wibDate, wibDay } from './time'

describe('numbers as locals write them', () => {
  it.each([
    [1234.5, 1, 'id', '1.234,5'],
    [1234.5, 1, 'en', '1,234.5'],
    [43210, 0, 'id', '43.210'],
    [31, 1, 'jv', '31,0'],
    [-2.5, 1, 'id', '−2,5'],
    [-0.04, 1, 'id', '0,0'],
  ])('%d with %d decimals in %s is %s', (value, decimals, language, text) => {
    expect(number(value, language, decimals)).toBe(text)
  })
  it('writes units as people do and leaves unknown ones alone', () => {
    expect([unitText('Cel'), unitText('%RH'), unitText('ug/m3'), unitText('bar')]).toEqual(['°C', '%', 'µg/m³', 'bar'])
  })
})

describe('times in WIB, whatever the zone of the browser', () => {
  const at = '2026-11-21T09:41:00.000+07:00'
  it('says the hour with a dot in Indonesian and a colon in English', () => {
    expect([clock(at, 'id'), clock(at, 'en')]).toEqual(['09.41', '09:41'])
  })
  it('begins the day at local midnight', () => {
    expect(wib('2026-11-20T17:00:00Z')).toMatchObject({ year: 2026, month: 11, day: 21, hour: 0, weekday: 6 })
    expect(wibDay('2026-11-20T16:59:59Z') + 1).toBe(wibDay('2026-11-20T17:00:00Z'))
  })
  it('gives uPlot a date whose local hours are WIB', () => {
    expect(wibDate(instant(at) / 1000).getHours()).toBe(9)
  })
  it.each([
    [30_000, 'age.now', 0],
    [12 * MINUTE, 'age.minutes', 12],
    [3 * HOUR + 59 * MINUTE, 'age.hours', 3],
    [47 * HOUR, 'age.hours', 47],
    [3 * DAY, 'age.days', 3],
    [-5 * MINUTE, 'age.now', 0],
  ])('an age of %d ms is %s %d', (gone, key, count) => {
    expect(age(instant(at), instant(at) + gone)).toEqual({ key, count })
  })
  it('calls a reading old after half an hour', () => {
    expect([isStale(at, instant(at) + 30 * MINUTE), isStale(at, instant(at) + 31 * MINUTE)]).toEqual([false, true])
  })
})

describe('severity', () => {
  it('is a word and a shape, and never leaves the scale', () => {
    expect([0, 1, 2, 3].map((n) => [word(n), shape(n)])).toEqual([
      ['Aman', 'disc'],
      ['Waspada', 'triangle'],
      ['Siaga', 'diamond'],
      ['Awas', 'square'],
    ])
    expect([level(-1), level(9)]).toEqual([0, 3])
  })
  it('puts the worst first, then the newest', () => {
    const alarms = [
      { severity: 1, since: '2026-11-21T10:00:00+07:00' },
      { severity: 2, since: '2026-11-21T08:00:00+07:00' },
      { severity: 2, since: '2026-11-21T09:00:00+07:00' },
    ]
    expect(bySeverity(alarms).map((a) => a.since.slice(11, 13))).toEqual(['09', '08', '10'])
  })
})
