import { describe, expect, it } from 'vitest'
import { newCode, readCode, shownCode } from './code'
import { mean, spread } from './fix.svelte'
import { chosen, read } from './map/document'
import { fit, gather, zoomed } from './map/view'
import { cameraTime, exifTime } from './photo'
import { after } from './queue.svelte'

describe('a tag’s code', () => {
  it('is the same as the regency’s', () => {
    expect(readCode('k7qm-2x9w')).toBe('K7QM2X9W')
    expect(readCode('https://desa.example/pohon/K7QM2X9W')).toBe('K7QM2X9W')
    expect(readCode('K7QM2X9X')).toBeNull()
    expect(readCode('K7QM')).toBeNull()
  })
  it('is made here too', () => {
    for (let i = 0; i < 200; i++) {
      const code = newCode()
      expect(readCode(shownCode(code).toLowerCase())).toBe(code)
    }
  })
})

/** A JPEG's beginning with DateTimeOriginal, big or little endian. */
function exif(said: string, little: boolean, offset = ''): DataView {
  const text = [...`${said}\0`].map((c) => c.charCodeAt(0))
  const zone = [...`${offset}\0`].map((c) => c.charCodeAt(0))
  const view = new DataView(new ArrayBuffer(200))
  view.setUint16(0, 0xffd8)
  view.setUint16(2, 0xffe1)
  view.setUint16(4, 190)
  view.setUint32(6, 0x45786966)
  const start = 12
  view.setUint16(start, little ? 0x4949 : 0x4d4d)
  view.setUint16(start + 2, 42, little)
  view.setUint32(start + 4, 8, little)
  const entry = (at: number, tag: number, count: number, value: number) => {
    view.setUint16(start + at, tag, little)
    view.setUint16(start + at + 2, 2, little)
    view.setUint32(start + at + 4, count, little)
    view.setUint32(start + at + 8, value, little)
  }
  view.setUint16(start + 8, 1, little)
  entry(10, 0x8769, 1, 30)
  view.setUint16(start + 30, offset ? 2 : 1, little)
  entry(32, 0x9003, text.length, 80)
  if (offset) entry(44, 0x9011, zone.length, 120)
  text.forEach((c, i) => view.setUint8(start + 80 + i, c))
  zone.forEach((c, i) => view.setUint8(start + 120 + i, c))
  return view
}

describe('a photo’s time', () => {
  it('is that of its Exif, by the camera’s own clock or by the village’s', () => {
    expect(exifTime(exif('2026:11:30 08:15:00', true))).toBe(Date.parse('2026-11-30T08:15:00+07:00'))
    expect(exifTime(exif('2026:11:30 08:15:00', false, '+09:00'))).toBe(Date.parse('2026-11-30T08:15:00+09:00'))
    expect(exifTime(exif('0000:00:00 00:00:00', true))).toBeNull()
    expect(exifTime(new DataView(new ArrayBuffer(64)))).toBeNull()
    for (let cut = 2; cut < 110; cut += 7) expect(exifTime(new DataView(exif('2026:11:30 08:15:00', true).buffer, 0, cut))).toBeNull()
  })
  it('is the camera’s moment where the page opened it, and none for an old file', () => {
    expect(cameraTime({ lastModified: 1_000_500 }, 1_000_000, 1_001_000)).toBe(1_000_500)
    expect(cameraTime({ lastModified: 500_000 }, 1_000_000, 1_001_000)).toBeNull()
    expect(cameraTime({ lastModified: 1_009_000 }, 1_000_000, 1_001_000)).toBeNull()
  })
})

describe('a place', () => {
  it('comes to rest when fixes agree', () => {
    const fix = (metres: number) => ({ latitude: -8.2 + metres / 111_195, longitude: 114.3, accuracy: 8 })
    expect(spread([fix(0), fix(1)])).toBe(Infinity)
    expect(spread([fix(0), fix(2), fix(4)])).toBeCloseTo(1.63, 1)
    expect(spread([fix(0), fix(40), fix(80)])).toBeGreaterThan(30)
    expect(mean([fix(0), fix(2)]).accuracy).toBe(8)
  })
})

describe('what was sent', () => {
  it.each([
    [0, 'waits'], [503, 'waits'], [429, 'waits'], [404, 'waits'], [401, 'login'], [403, 'login'], [422, 'refused'], [409, 'refused'],
  ])('and answered with %i', (status, state) => {
    expect(after({ code: '', status })).toBe(state)
  })
})

describe('the map', () => {
  const head = JSON.stringify({ n: 3, placeless: 1, west: 113.8, south: -8.95, step: 1 / 65536, species: ['mangga'], statuses: ['ditanam', 'hidup', 'tumbuh', 'mati', 'diganti'], villages: ['a', 'b'] })
  const body = [[0xf0, 0x20, 0], [0x00, 0x00, 0], [0x10, 0xff, 0], [0x01, 0xff, 0], [0, 255, 0], [0, 2, 1], [0, 0, 1], [0, 0, 0]].flat()
  const bytes = new Uint8Array([...new TextEncoder().encode('KPT1'), head.length & 255, head.length >> 8, 0, 0, ...new TextEncoder().encode(head), ...body])
  const trees = read(bytes.buffer)
  it('reads columns of differences', () => {
    expect([...trees.x]).toEqual([0xf0, 0x110, 0x110])
    expect([...trees.y]).toEqual([0x110, 0x10f, 0x10f])
    expect([...trees.village]).toEqual([0, 0, 1])
    expect(() => read(bytes.slice(0, 40).buffer)).toThrow()
    expect(() => read(new ArrayBuffer(16))).toThrow(RangeError)
  })
  it('filters and gathers, and loses none', () => {
    expect([...chosen(trees, { species: 'lain', status: '', village: '' })]).toEqual([1])
    expect([...chosen(trees, { species: '', status: 'hidup', village: 'b' })]).toEqual([2])
    const all = chosen(trees, { species: '', status: '', village: '' })
    const far = gather(trees, all, fit(0, 0, 65535, 65535, 800, 800), 800, 800)
    expect(far.map((c) => c.count)).toEqual([3])
    const near = gather(trees, all, { x: 0x110, y: 0x110, scale: 1 }, 800, 800)
    expect(near.map((c) => c.count).sort()).toEqual([1, 2])
  })
  it('zooms about the finger', () => {
    const view = { x: 100, y: 100, scale: 1 }
    const next = zoomed(view, 2, 300, 100, 400, 400)
    expect(next.x + (300 - 200) / next.scale).toBeCloseTo(view.x + (300 - 200) / view.scale)
    expect(next.y - (100 - 200) / next.scale).toBeCloseTo(view.y - (100 - 200) / view.scale)
  })
})
