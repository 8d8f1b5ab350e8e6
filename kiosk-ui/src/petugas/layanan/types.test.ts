import { expect, it } from 'vitest'
import { asked, matching, type Field } from './types'

const field = (id: string, only: Field['only'] = null): Field => ({ id, kind: 'text', question: '?', example: '', required: true, choices: [], only })

it('a question is asked where its condition holds, and not below one that was not asked', () => {
  const fields = [field('a'), field('b', { field: 'a', equals: 'ya' }), field('c', { field: 'b', equals: 'ya' })]
  const names = (answers: Record<string, unknown>) => asked(fields, answers).map((f) => f.id)
  expect(names({})).toEqual(['a'])
  expect(names({ a: 'ya' })).toEqual(['a', 'b'])
  expect(names({ b: 'ya' })).toEqual(['a'])
  expect(names({ a: 'ya', b: 'ya' })).toEqual(['a', 'b', 'c'])
})

it('a service is found by its words as by its title', () => {
  const all = [
    { title: 'Surat keterangan tidak mampu', summary: '', words: ['SKTM'] },
    { title: 'Surat keterangan usaha', summary: 'pinjaman modal', words: ['SKU'] },
  ]
  expect(matching(all, 'sktm')).toEqual([all[0]])
  expect(matching(all, 'surat modal')).toEqual([all[1]])
  expect(matching(all, '')).toEqual(all)
})
