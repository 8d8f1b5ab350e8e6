/** The phone's own store: what waits to be sent, with its photo, and what was taken along. It holds over closing, and over a dead battery. */

export type Kind = 'tree' | 'visit'
export type State = 'waits' | 'login' | 'done' | 'refused'

export interface Item {
  /** made here: the server takes each once however often it is sent */
  id: string
  kind: Kind
  body: Record<string, unknown>
  photo: Blob | null
  /** when the photo was taken, ms UTC */
  taken: number | null
  made: number
  state: State
  /** what the server said: its answer, or why not */
  answer: Record<string, unknown> | null
  why: string
}

const NAME = 'pohon'
let opened: Promise<IDBDatabase> | null = null

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore('items', { keyPath: 'id' })
      request.result.createObjectStore('kept')
    }
    request.onsuccess = () => done(request.result)
    request.onerror = () => failed(request.error)
  })
  return opened
}

async function within<T>(store: 'items' | 'kept', mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(store, mode, { durability: 'strict' })
  const request = act(transaction.objectStore(store))
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done(request.result)
    transaction.onerror = transaction.onabort = () => failed(transaction.error)
  })
}

export const put = (item: Item) => within('items', 'readwrite', (s) => s.put(item))
export const drop = (id: string) => within('items', 'readwrite', (s) => s.delete(id))
export const all = async (): Promise<Item[]> => (await within<Item[]>('items', 'readonly', (s) => s.getAll())).sort((a, b) => b.made - a.made)
export const keep = (key: string, value: unknown) => within('kept', 'readwrite', (s) => s.put(value, key))
export const kept = <T>(key: string): Promise<T | undefined> => within<T | undefined>('kept', 'readonly', (s) => s.get(key))
