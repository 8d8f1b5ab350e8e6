/** Who sits at this page, and the key: asked for once, remembered until the page is closed. */

export type Kept = 'nama' | 'kunci'

export function remembered(name: Kept): string {
  try {
    return sessionStorage.getItem(name) ?? ''
  } catch {
    return '' // a forbidden store: it is asked for each time
  }
}

export function remember(name: Kept, value: string) {
  try {
    sessionStorage.setItem(name, value)
  } catch {
    // see above
  }
}
