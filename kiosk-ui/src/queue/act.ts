/** An id of one act, so that an act that is sent twice counts once. (`randomUUID` is not there on a page without https.) */
export function newAct(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
