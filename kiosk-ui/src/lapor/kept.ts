/** Reports on this phone: those that wait for a line, with their photos, and the tickets of those that are sent. */
import { body, ticketOf, wordOf, type Draft, type Kind } from './report'

export interface Kept {
  id: string
  ticket: string
  word: string
  kind: Kind
  at: number
  /** what is to be sent, null once it has been */
  waiting: Record<string, unknown> | null
  /** why the regency does not take it, in its own words */
  refused: string | null
}

const NAME = 'lapor'
const MOST = 50

export function keep(draft: Draft, at: number): Kept {
  return { id: draft.id, ticket: ticketOf(draft.id), word: wordOf(draft.id), kind: draft.kind!, at, waiting: body(draft, 'phone', at), refused: null }
}

/** A store that a browser forbids (private windows) throws; the page then sends without keeping. */
function opened(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore(NAME, { keyPath: 'id' })
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error)
  })
}

async function act<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const base = await opened()
  try {
    return await new Promise<T>((done, failed) => {
      const turn = base.transaction(NAME, mode)
      const asked = ask(turn.objectStore(NAME))
      turn.oncomplete = () => done(asked.result)
      turn.onabort = turn.onerror = () => failed(turn.error)
    })
  } finally {
    base.close()
  }
}

export const put = (kept: Kept): Promise<IDBValidKey> => act('readwrite', (store) => store.put(kept))
export const remove = (id: string): Promise<undefined> => act('readwrite', (store) => store.delete(id))

/** Newest first; of the oldest ones beyond fifty, those that are sent are forgotten. */
export async function all(): Promise<Kept[]> {
  const found = ((await act('readonly', (store) => store.getAll())) as Kept[]).sort((a, b) => b.at - a.at)
  for (const old of found.slice(MOST)) if (!old.waiting) await remove(old.id)
  return found.slice(0, MOST)
}
