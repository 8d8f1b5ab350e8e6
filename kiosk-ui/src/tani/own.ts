/** Keys of fields that this phone speaks for, and who holds it. */

const KEY = 'tani:key:'
const BY = 'tani:by'

/** A link from the kiosk carries the key behind `#`, which no server sees: kept, and taken out of the address. The book and all else that needs the key have it
 * from here. Whether there was one. */
export function takeKey(field: string | null): boolean {
  const key = /#kunci=([\w-]+)/.exec(location.hash)?.[1]
  if (!key || !field) return false
  keepKey(field, key)
  history.replaceState(null, '', location.pathname + location.search)
  return true
}

export function keyOf(field: string): string | null {
  try {
    return localStorage.getItem(KEY + field)
  } catch {
    return null
  }
}

/** False where the phone keeps nothing: the key then holds until the page is closed. */
export function keepKey(field: string, key: string | null): boolean {
  try {
    if (key === null) localStorage.removeItem(KEY + field)
    else localStorage.setItem(KEY + field, key)
    return true
  } catch {
    return false
  }
}

export function whoIs(): string {
  try {
    return localStorage.getItem(BY) ?? ''
  } catch {
    return ''
  }
}

export function remember(by: string) {
  try {
    localStorage.setItem(BY, by)
  } catch {
    // asked again
  }
}
