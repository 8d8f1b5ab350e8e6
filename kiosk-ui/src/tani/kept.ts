/** The last answers of the API, kept on the phone, so that the page opens without a line and says how old it is. */
import { getJson } from '../api/request'

export interface Answer<T> {
  data: T
  /** when the server gave it, milliseconds */
  at: number
  kept: boolean
}

const PREFIX = 'tani:'
const LARGEST = 200_000

export function remembered<T>(key: string): Answer<T> | null {
  try {
    const text = localStorage.getItem(PREFIX + key)
    return text ? { ...(JSON.parse(text) as { data: T; at: number }), kept: true } : null
  } catch {
    return null
  }
}

export function remember(key: string, data: unknown, at: number) {
  const text = JSON.stringify({ data, at })
  if (text.length > LARGEST) return
  try {
    localStorage.setItem(PREFIX + key, text)
  } catch {
    // the phone's store is full or forbidden: the page works, it only does not remember
  }
}

/** The server's answer, else the kept one. Throws `ApiError` when there is neither. */
export async function ask<T>(path: string, key = path): Promise<Answer<T>> {
  try {
    const data = await getJson<T>(path)
    const at = Date.now()
    remember(key, data, at)
    return { data, at, kept: false }
  } catch (error) {
    const old = remembered<T>(key)
    if (old) return old
    throw error
  }
}
