/** Why the regency did not take a line of the book, in the page's words: by the code of its error (`modules/farming/book.py`). Pure. */

export const REFUSALS = ['future_day', 'id_taken', 'harvest_incomplete', 'sale_incomplete', 'no_such_line', 'already_struck', 'not_found'] as const

/** The message's key; one for all codes that a farmer can do nothing about, and for what an earlier release kept. */
export function refusal(code: string): string {
  return `buku.refused.${REFUSALS.find((known) => known === code) ?? 'other'}`
}
