import { expect, it } from 'vitest'
import { addWords, load, message, MESSAGES, onWords } from './registry'

it('words of a domain that come late are said in the language that was chosen before', async () => {
  let told = 0
  onWords(() => (told += 1))
  await load('jv')
  let asked = 0
  addWords({ 'sungai.name': 'Sungai', 'sungai.level': 'Tinggi air' }, { './words/jv.json': async () => (asked++, { 'sungai.name': 'Kali' }) })
  expect(message('jv', 'sungai.name')).toBe('Sungai')
  await expect.poll(() => message('jv', 'sungai.name')).toBe('Kali')
  expect([message('jv', 'sungai.level'), message('id', 'sungai.name'), asked, told]).toEqual(['Tinggi air', 'Sungai', 1, 2])
})

it('words whose file cannot be fetched stay Indonesian until the language is chosen again', async () => {
  let line = false
  addWords({ 'pohon.name': 'Pohon' }, { './words/osi.json': async () => (line ? { 'pohon.name': 'Wit' } : Promise.reject(new Error('no line'))) })
  expect(await load('osi')).toBe(false)
  expect(message('osi', 'pohon.name')).toBe('Pohon')
  line = true
  expect(await load('osi')).toBe(true)
  expect([message('osi', 'pohon.name'), MESSAGES['osi']!['act.finish'] !== undefined]).toEqual(['Wit', true])
})
