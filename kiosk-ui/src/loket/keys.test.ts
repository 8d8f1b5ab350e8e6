import { expect, test } from 'vitest'
import { actOf } from './keys'

test('one key leads through a service, and no key does what cannot be done', () => {
  expect([null, 'called', 'serving'].map((state) => actOf(' ', state as never))).toEqual(['next', 'serving', 'next'])
  expect(['R', 't', 'S', 'p'].map((key) => actOf(key, 'called'))).toEqual(['again', 'absent', 'served', 'move'])
  expect(['r', 't', 's', 'P'].map((key) => actOf(key, 'serving'))).toEqual([null, null, 'served', 'move'])
  expect(['r', 't', 's', 'p', 'x', 'Enter'].map((key) => actOf(key, null))).toEqual([null, null, null, null, null, null])
})
