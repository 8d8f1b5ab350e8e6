import { describe, expect, it } from 'vitest'
import { blank, body, draftOf, isoDay, problem, typed } from './draft'
import { sensors, takenBy, type Given, type KnownField } from './given'
import { villageAt, wrongPlace, type Outlines } from './place'
import type { Series } from '../api/types'

const series = ['k.tanah-1.soil_moisture', 'k.tanah-1.soil_ph', 'k.kali.water_level', 'k.udara.pm25'].map(
  (id) => ({ id, quantity: id.split('.')[2]!, title: id.split('.')[1]! }) as Series,
)
const field: KnownField = {
  id: 'lahan-1', name: 'Kebun', crop: 'chili', variety: '', texture: 'loam', area: 1250.5, flow: null, latitude: -8.1, longitude: 114.2,
  planted: '2026-11-02', direct: false, sensors: [{ series: 'k.tanah-1.soil_moisture', since: '2026-11-02' }],
}
const given: Given = {
  crops: [{ name: 'chili', title: {}, annual: true, weak: {} }, { name: 'coffee', title: {}, annual: false, weak: {} }],
  soils: [{ name: 'loam', title: {}, hand: {} }],
  series,
  taken: takenBy([field]),
}
const outlines = {
  type: 'FeatureCollection',
  features: [[0, 'A'], [1, 'B']].map(([x, name]) => ({
    type: 'Feature', id: `35.${name}`, properties: { name, type: 'desa', kecamatan: '' },
    geometry: { type: 'Polygon', coordinates: [[[x, 0], [Number(x) + 1, 0], [Number(x) + 1, 1], [x, 1], [x, 0]]] },
  })),
} as unknown as Outlines

describe('a field that is registered', () => {
  it('reads numbers and days as people here write them', () => {
    expect(['1.250', '1.250,5', '2,5', '2.5', '12500', '', '1.2.3', 'dua', '-3'].map(typed)).toEqual([1250, 1250.5, 2.5, 2.5, 12500, NaN, NaN, NaN, NaN])
    expect([isoDay('2', '11', '2026'), isoDay('31', '2', '2026'), isoDay('', '11', '2026'), isoDay('1', '1', '26')]).toEqual(['2026-11-02', '', '', ''])
  })
  it('is told what is wrong beside each question', () => {
    const today = '2026-11-30'
    const ask = (step: Parameters<typeof problem>[0], more: object) => problem(step, { ...blank(), ...more }, given, today, () => null)?.key ?? null
    expect([ask('by', {}), ask('by', { by: 'Bu' })]).toEqual(['lahan.wrong.by', null])
    expect(ask('planted', { crop: 'chili' })).toBe('lahan.wrong.planted')
    expect(ask('planted', { crop: 'coffee' })).toBe(null)
    expect(ask('planted', { crop: 'chili', unplanted: true })).toBe(null)
    expect(ask('planted', { crop: 'chili', day: '1', month: '12', year: '2026' })).toBe('lahan.wrong.future')
    expect(ask('planted', { crop: 'chili', day: '1', month: '12', year: '2020' })).toBe('lahan.wrong.longago')
    expect(ask('planted', { crop: 'coffee', day: '1', month: '12', year: '2020' })).toBe(null)
    expect([ask('area', { area: '0' }), ask('area', { area: '0,5', unit: 'ha' })]).toEqual(['lahan.wrong.area', null])
    expect([ask('flow', {}), ask('flow', { flow: 'deras' }), ask('flow', { bucket: '4' })]).toEqual([null, 'lahan.wrong.flow', null])
    expect([ask('phone', {}), ask('phone', { phone: '0812-0000-1234' }), ask('phone', { phone: '911' })]).toEqual([null, null, 'lahan.wrong.phone'])
    expect(ask('sensors', { sensors: { 'k.tanah-1': '9999' } })).toBe('lahan.wrong.future')
  })
  it('is found in the village that holds it', () => {
    expect(villageAt(outlines, 0.5, 1.5)?.code).toBe('35.B')
    expect([wrongPlace(outlines, '35.A', 0.5, 0.5), wrongPlace(null, '35.A', 9, 9)]).toEqual([null, null])
    expect(wrongPlace(outlines, '35.A', 0.5, 1.5)).toEqual({ key: 'lahan.wrong.elsewhere', values: { name: 'B' } })
    expect(wrongPlace(outlines, null, 5, 5)?.key).toBe('lahan.wrong.outside')
  })
  it('comes back as it stands, and a moved sensor goes with its day', () => {
    const devices = sensors(series)
    expect(devices.map((d) => [d.device, d.series.length])).toEqual([['k.tanah-1', 2], ['k.kali', 1]])
    const draft = { ...draftOf(field), by: 'Bu' }
    expect(body(draft, given, devices, 'lahan-1')).toMatchObject({ area: 1250.5, planted: '2026-11-02', sensors: [{ series: 'k.tanah-1.soil_moisture' }, { series: 'k.tanah-1.soil_ph' }] })
    const moved = body({ ...draft, sensors: { 'k.tanah-1': '2026-11-20' } }, given, devices, 'lahan-2')
    expect(moved.sensors).toEqual([{ series: 'k.tanah-1.soil_moisture', since: '2026-11-20' }, { series: 'k.tanah-1.soil_ph' }])
    expect('flow' in moved || 'helped' in moved || 'phone' in moved).toBe(false)
  })
})
