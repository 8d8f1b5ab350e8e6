import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import IntlMessageFormat from 'intl-messageformat'
import { beforeAll, describe, expect, it } from 'vitest'
import { DOORS, openDoors } from '../data/doors'
import { behind, place, todayHere } from '../data/quantities'
import type { Series } from '../api/types'
import { LANGUAGES, load, loadAll, message, MESSAGES, NAMES, pick, WHOLE } from './registry'
import { coverage, lost, reviewed } from './review'

/** The words of every domain, as its pages bring them. */
import.meta.glob('../**/words.ts', { eager: true })

const src = fileURLToPath(new URL('..', import.meta.url))
const sources = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((f) => /\.(svelte|ts)$/.test(f) && !f.endsWith('.test.ts'))
  .map((f) => ({ file: f, text: readFileSync(join(src, f), 'utf8') }))

/** The files that a page is made of, by what they import. */
function reachable(entry: string, seen = new Set<string>()): Set<string> {
  const file = join(src, entry)
  if (seen.has(file) || !/\.(svelte|ts)$/.test(file)) return seen
  seen.add(file)
  for (const [, name] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const at = relative(src, join(dirname(file), name!))
    const found = [at, `${at}.ts`, `${at}.svelte`].find((f) => /\.(svelte|ts)$/.test(f) && existsSync(join(src, f)))
    if (found) reachable(found, seen)
  }
  return seen
}

describe('a language', () => {
  it('is fetched when it is asked for, and is Indonesian until then', async () => {
    expect(Object.keys(MESSAGES)).toEqual(['id'])
    expect(message('jv', 'act.finish')).toBe('Selesai')
    expect([await load('jv'), await load('tlh')]).toEqual([true, false])
    expect(message('jv', 'act.finish')).toBe('Rampung')
  })
})

describe('message files', () => {
  beforeAll(async () => {
    await loadAll()
  })
  const keys = Object.keys(MESSAGES['id']!)
  it('of every domain name their keys for themselves', () => {
    const files = [...sources.map(({ file }) => file), 'messages/registry.ts'].filter((f) => /(^|\/)words\.ts$/.test(f)).map((f) => join(src, dirname(f), 'words', 'id.json'))
    const all = [join(src, 'messages', 'id.json'), ...files].flatMap((file) => Object.keys(JSON.parse(readFileSync(file, 'utf8'))))
    expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([])
    expect(all.length).toBe(keys.length)
  })
  it.each(LANGUAGES)('%s has no empty string and no key of its own', (language) => {
    expect(Object.keys(MESSAGES[language]!).filter((key) => !keys.includes(key))).toEqual([])
    expect(Object.entries(MESSAGES[language]!).filter(([, text]) => !text.trim())).toEqual([])
  })
  it('are five, offered in this order; Indonesian and English say everything', () => {
    expect(LANGUAGES).toEqual(['id', 'jv', 'osi', 'mad', 'en'])
    expect(readdirSync(join(src, 'messages')).filter((f) => f.endsWith('.json'))).toHaveLength(LANGUAGES.length)
    expect(LANGUAGES.filter((code) => keys.every((key) => MESSAGES[code]![key] !== undefined))).toEqual(WHOLE)
    expect(Object.fromEntries(LANGUAGES.map((code) => [code, MESSAGES[code]!['language.name']]))).toEqual(NAMES)
  })
  it.each(['jv', 'osi', 'mad'])('%s says most of what residents and farmers read, and falls back for the rest', (language) => {
    const asked = [...reachable('kiosk/main.ts'), ...reachable('tani/main.ts')]
      .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/'([a-z]+(?:\.\w+)*)'/g)].map((m) => m[1]!))
      .filter((key, at, all) => keys.includes(key) && all.indexOf(key) === at)
    expect(asked.length).toBeGreaterThan(80)
    expect(asked.filter((key) => MESSAGES[language]![key] !== undefined).length).toBeGreaterThan(100)
    expect(message(language, 'regency.title')).toBe(MESSAGES['id']!['regency.title'])
  })
  it('say what needs review', () => {
    expect(lost()).toEqual([])
    expect(reviewed('id', 'act.back')).toBe(true)
    expect(reviewed('jv', 'act.back')).toBe(false)
    expect(reviewed('mad', 'regency.title')).toBe(false)
    const jv = coverage().find((c) => c.language === 'jv')!
    expect([jv.all, jv.reviewed]).toEqual([keys.length, 0])
    expect(jv.own).toBeLessThan(jv.all)
  })
  it.each(LANGUAGES)('%s is written in the message syntax, with the same values as Indonesian', (language) => {
    const names = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map((m) => m[1]).filter((n) => n !== 'one' && n !== 'other'))].sort()
    for (const key of Object.keys(MESSAGES[language]!)) {
      expect(() => new IntlMessageFormat(MESSAGES[language]![key]!, 'id-ID'), key).not.toThrow()
      const own = names(MESSAGES[language]![key]!.replace(/\b(one|other) \{[^{}]*\}/g, ''))
      expect(own, `${language} ${key}`).toEqual(names(MESSAGES['id']![key]!.replace(/\b(one|other) \{[^{}]*\}/g, '')))
    }
  })
  it('has every key the pages ask for', () => {
    const asked = sources.flatMap(({ text }) => [...text.matchAll(/\bt\(\s*'([\w.]+)'/g)].map((m) => m[1]!))
    expect(asked.length).toBeGreaterThan(80)
    expect(asked.filter((key) => !keys.includes(key))).toEqual([])
  })
  it('speaks without exclamation marks', () => {
    expect(LANGUAGES.flatMap((l) => Object.values(MESSAGES[l]!)).filter((text) => text.includes('!'))).toEqual([])
  })
  it('falls back to Indonesian by string, and shows the key where there is nothing', () => {
    expect(message('mad', 'edge.lost')).toBe(MESSAGES['id']!['edge.lost'])
    expect(message('jv', 'act.finish')).toBe('Rampung')
    expect(message('tlh', 'act.finish')).toBe('Selesai')
    expect(message('en', 'act.finish')).toBe('Finish')
    expect(message('id', 'no.such.key')).toBe('no.such.key')
    expect(pick({ id: 'Hujan' }, 'en')).toBe('Hujan')
  })
  it('counts as each language does', () => {
    expect(message('en', 'age.hours', { count: 1 })).toBe('1 hour ago')
    expect(message('id', 'age.hours', { count: 3 })).toBe('3 jam lalu')
  })
})

describe('components', () => {
  it('hold no text of their own', () => {
    const bare = sources
      .filter(({ file }) => file.endsWith('.svelte'))
      .flatMap(({ file, text }) => {
        const markup = text
          .replace(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->/g, '')
          .replace(/\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g, '')
        return [...markup.matchAll(/>([^<>]*[A-Za-z]{3,}[^<>]*)</g)].map((m) => `${file}: ${m[1]!.trim()}`)
      })
      .filter((found) => !/: WIB$/.test(found))
    expect(bare).toEqual([])
  })
})

describe('doors', () => {
  const series = (id: string): Series => ({ id, quantity: id.split('.')[2]! }) as Series
  it('are nine, and only those with a service are shown', () => {
    expect(DOORS).toHaveLength(9)
    expect(openDoors().map((d) => d.door)).toEqual(['layanan', 'ekonomi', 'informasi', 'pertanian', 'lingkungan'])
  })
  it('lead each quantity behind its own', () => {
    expect(['soil_moisture', 'soil_ph', 'water_level', 'pm25', 'supply_voltage', 'brand_new'].map((q) => place(q).door)).toEqual([
      'pertanian',
      'pertanian',
      'lingkungan',
      'lingkungan',
      null,
      'lingkungan',
    ])
    expect(behind('pertanian', [series('k.a.soil_ph'), series('k.b.water_level')]).map((s) => s.id)).toEqual(['k.a.soil_ph'])
  })
  it('show one of each quantity before a second of any', () => {
    const all = ['k.a.soil_moisture', 'k.b.soil_moisture', 'k.r.water_level', 'k.w.rain', 'k.r.supply_voltage'].map(series)
    expect(todayHere(all, 3).map((s) => s.id)).toEqual(['k.r.water_level', 'k.w.rain', 'k.a.soil_moisture'])
    expect(todayHere(all, 9)).toHaveLength(4)
  })
})
