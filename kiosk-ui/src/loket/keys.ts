/** What a key does, by who is at the counter: one key leads through the whole service, so a hand need not look for another. Pure. */
import type { Row } from '../queue/types'
import type { Act } from './counter.svelte'

type State = Row['state'] | null

/** The step that comes next: call, has come, done and call. */
export const nextStep = (state: State): Act => (state === 'called' ? 'serving' : 'next')

/** Null for a key that does nothing now. */
export function actOf(key: string, state: State): Act | 'move' | null {
  if (key === ' ') return nextStep(state)
  const letter = key.toLowerCase()
  if (letter === 'r') return state === 'called' ? 'again' : null
  if (letter === 't') return state === 'called' ? 'absent' : null
  if (letter === 's') return state === 'called' || state === 'serving' ? 'served' : null
  if (letter === 'p') return state === 'called' || state === 'serving' ? 'move' : null
  return null
}
