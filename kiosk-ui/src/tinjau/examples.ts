/** Invented data for the review page: one village, made for the moment the page is opened. */
import type { QualityAnswer, Alarm, KioskOutput, Link, Origin, Provenance, Quality, Series, Window } from '../api/types'
import { DAY, HOUR, MINUTE } from '../format/time'

export const NOW = Date.now()
export const WATER = 'Tinggi muka air'
export const SOIL = 'Kelembapan tanah'
export const PLACE = 'Desa Tamansari'
export const PUMP = 'Pompa kebun cabai'
const iso = (ms: number) => new Date(ms).toISOString()

export function series(change: Partial<Series> & { age?: number; value?: number; quality?: Quality } = {}): Series {
  const { age = 20_000, value = 31.2, quality = 1, ...rest } = change
  return {
    id: 'kiosk-1.soil-1.soil_moisture',
    village: '35.10.24.2008',
    node: 'kiosk-1',
    device: 'soil-1',
    quantity: 'soil_moisture',
    unit: '%',
    last: { at: iso(NOW - age), value, quality },
    name: { id: 'Kelembapan tanah', en: 'Soil moisture' },
    decimals: 1,
    title: 'Tanah sawah blok timur',
    model: null,
    origin: 'sensor' as Origin,
    note: null,
    ...rest,
  }
}

export function alarm(severity: Alarm['severity']): Alarm {
  return {
    id: `contoh-${severity}`,
    rule: 'contoh',
    village: '35.10.24.2008',
    node: 'kiosk-1',
    about: 'flood',
    scale: 'waspada',
    scope: 'kiosk-1.river-1.water_level',
    series: 'kiosk-1.river-1.water_level',
    severity,
    word: '',
    state: 'firing',
    since: iso(NOW - 47 * MINUTE),
    until: null,
    value: 1.62,
    unit: 'm',
    threshold: 1.5,
    worst: 1.71,
    worst_at: iso(NOW - 12 * MINUTE),
    became: null,
    title: { id: 'Kali Bomo naik', en: 'Kali Bomo is rising' },
    message: {
      id: 'Air 162 cm, di atas batas 150 cm. Jauhi tepi sungai, pindahkan ternak ke tempat tinggi.',
      en: 'Water at 162 cm, above the limit of 150 cm. Keep away from the banks, move animals to higher ground.',
    },
    source: 'contoh',
  }
}

export const up: Link = { state: 'up', since: iso(NOW - 3 * HOUR) }
export const down: Link = { state: 'down', since: iso(NOW - 2 * HOUR) }

const wave = (at: number) => 1.1 + 0.35 * Math.sin(at / HOUR / 5) + 0.08 * Math.sin(at / HOUR)

export const spark = (() => {
  const t = Array.from({ length: 96 }, (_, i) => NOW - DAY + i * 15 * MINUTE).filter((_, i) => i < 40 || i > 55)
  return { t, v: t.map(wave) }
})()

export function rawWindow(): Window {
  const t = Array.from({ length: 288 }, (_, i) => NOW - DAY + i * 5 * MINUTE).filter((_, i) => i < 120 || i > 150)
  const v = t.map(wave)
  const q: Quality[] = t.map(() => 1)
  q[60] = 3
  v[60] = v[60]! + 0.2
  q[200] = 4
  v[200] = v[200]! + 0.4
  const thresholds = [
    { value: 1.3, severity: 1, label: 'Waspada' },
    { value: 1.7, severity: 2, label: 'Siaga' },
  ]
  return { id: 'raw', unit: 'm', start: NOW - DAY, stop: NOW, every: null, t, v, q, thresholds, provenance: provenance() }
}

export function quality(): QualityAnswer {
  const spike = { id: 'Melonjak sendiri lalu kembali', en: 'A lone spike' }
  const still = { id: 'Tidak bergerak terlalu lama', en: 'Has not moved for too long' }
  const source = 'survei tebing 3 Mei 2026'
  return {
    id: 'raw',
    unit: 'm',
    start: NOW - DAY,
    stop: NOW,
    flags: { '1': 270, '3': 17, '4': 1 },
    failed: 1,
    tests: [
      { test: 'spike', name: spike, limits: { suspect: 0.3, within: 900, fail: 1 }, by: 'site', source },
      { test: 'still', name: still, limits: { seconds: 604_800, change: 0.01 }, by: 'site', source },
    ],
    doubts: [
      { test: 'spike', name: spike, flag: 4, from: NOW - 9 * HOUR, to: NOW - 9 * HOUR, count: 1, by: 'kiosk' },
      { test: 'still', name: still, flag: 3, from: NOW - 6 * HOUR, to: NOW - 3 * HOUR, count: 17, by: 'kiosk' },
    ],
    judged: [],
    judged_count: 0,
  }
}

export function provenance(): Provenance[] {
  const derived = { from: 'distance', name: { id: 'Jarak', en: 'Distance' }, gain: -1, offset: 3 }
  const points: [number, number][] = [
    [0.52, 0.5],
    [2.02, 1.98],
  ]
  const calibration = { id: '3fa9c1d2', method: 'two-point', gain: 0.986667, offset: -0.013067, points, by: 'Teknisi', at: iso(NOW - 7 * HOUR) }
  const common = { model: 'a02yyuw', origin: 'sensor' as Origin, derived }
  return [
    { ...common, from: NOW - 60 * DAY, to: NOW - 6 * HOUR, calibration: null, boot: null },
    { ...common, from: NOW - 6 * HOUR, to: null, calibration, boot: null },
    { ...common, from: NOW - 90 * DAY, to: null, calibration, boot: '0a1b2c3d' },
  ]
}

export function yearWindow(): Window {
  const t = Array.from({ length: 365 }, (_, i) => NOW - (365 - i) * DAY).filter((_, i) => i < 200 || i > 226)
  const mean = t.map((at) => 30 + 6 * Math.sin(at / DAY / 40) + 1.5 * Math.sin(at / DAY / 3))
  return {
    id: 'year',
    unit: '%',
    start: NOW - 365 * DAY,
    stop: NOW,
    every: DAY,
    t,
    mean,
    min: mean.map((m) => m - 2.2),
    max: mean.map((m) => m + 2.6),
    count: mean.map(() => 1440),
  }
}

export const emptyWindow = (): Window => ({ id: 'empty', unit: 'm', start: NOW - DAY, stop: NOW, every: null, t: [], v: [], q: [] })

export const output = (change: Partial<KioskOutput> = {}): KioskOutput => ({
  name: 'pompa',
  title: PUMP,
  state: 'on',
  since: iso(NOW - MINUTE),
  until: iso(NOW + 4 * MINUTE),
  cause: 'command',
  code: 'done',
  detail: '',
  max_on: 600,
  guard: null,
  ...change,
})
