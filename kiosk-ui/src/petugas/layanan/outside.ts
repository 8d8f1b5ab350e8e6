/** Questions whose answer waits for somebody else's server. */
import { ask } from '../../api/request'

/** Longer than the regency waits for it itself (`timeout_s` of `[registers.…]`, 120 s at most). */
const PATIENCE_MS = 150_000

/** POST to our own origin, which asks on. Throws `ApiError`. */
export const postOutside = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
