/** Which calls a display announces. Pure. */
import type { Board, Called } from './types'

/** A call older than this is over: whoever was called stands at the counter, or was called again. */
const YOUNG_MS = 60_000

/**
 * Those after the `seen`-th that are still young, the oldest first. Of a number that was called twice meanwhile, only the last call. A count that
 * went back is a new one (the kiosk's file was damaged): then only what comes after.
 */
export function due(board: Board, seen: number): Called[] {
  if (board.calls < seen) return []
  const now = Date.parse(board.at)
  const young = board.recent.filter((c) => c.n > seen && now - Date.parse(c.at) < YOUNG_MS)
  return young.filter((c, place) => young.findIndex((other) => other.number === c.number) === place).reverse()
}
