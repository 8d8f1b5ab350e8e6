/** What the server answered when it did not answer with data. `code` is the API's own, or `unreachable`. */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    /** of a form: what is wrong, by field */
    readonly fields: Record<string, string> = {},
  ) {
    super(message)
  }
}

const PATIENCE_MS = 15_000

/** GET JSON from our own origin, with the key where it shows more. Throws `ApiError`, never anything else. */
export const getJson = <T>(path: string, key: string | null = null): Promise<T> => ask<T>(path, { headers: signed(key) })

/** POST to our own origin, with the key where one is needed. Throws `ApiError`. */
export const postJson = <T>(path: string, body: unknown = null, key: string | null = null): Promise<T> => send<T>('POST', path, body, key)

/** POST of a file as it is. Throws `ApiError`. */
export const postFile = <T>(path: string, file: Blob): Promise<T> =>
  ask<T>(path, { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: file, signal: AbortSignal.timeout(300_000) })

/** PUT at our own origin. Throws `ApiError`. */
export const putJson = <T>(path: string, body: unknown): Promise<T> => send<T>('PUT', path, body, null)

/** PATCH at our own origin. Throws `ApiError`. */
export const patchJson = <T>(path: string, body: unknown): Promise<T> => send<T>('PATCH', path, body, null)

function send<T>(method: string, path: string, body: unknown, key: string | null): Promise<T> {
  const headers = signed(key)
  if (body !== null) headers['content-type'] = 'application/json'
  return ask<T>(path, { method, headers, body: body === null ? null : JSON.stringify(body) })
}

/** Without a key the session's cookie speaks, which the browser adds by itself. */
/** GET, or POST of a body, by whoever holds a field's key. Throws `ApiError`. */
export function fieldJson<T>(path: string, key: string, body: unknown = null): Promise<T> {
  const headers: Record<string, string> = { authorization: `Field ${key}` }
  if (body === null) return ask<T>(path, { headers })
  return ask<T>(path, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

/** POST of a CSV file, with the session or the key. Throws `ApiError`. */
export const postCsv = <T>(path: string, text: string, key: string | null = null): Promise<T> =>
  ask<T>(path, { method: 'POST', headers: { ...signed(key), 'content-type': 'text/csv' }, body: text })

const signed = (key: string | null): Record<string, string> => (key ? { authorization: `Bearer ${key}` } : {})

/** DELETE at our own origin. Throws `ApiError`. */
export const deleteAt = (path: string): Promise<void> => ask<void>(path, { method: 'DELETE' })

/** Any request to our own origin that is answered with JSON. Throws `ApiError`. */
export async function ask<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
      signal: init.signal ?? AbortSignal.timeout(PATIENCE_MS),
    })
  } catch (error) {
    throw new ApiError('unreachable', error instanceof Error ? error.message : String(error), 0)
  }
  if (response.status === 204) return undefined as T
  if (response.ok) {
    try {
      return (await response.json()) as T
    } catch {
      throw new ApiError('not_json', `${path}: ${response.status}`, response.status)
    }
  }
  const body = await response.json().catch(() => null)
  throw new ApiError(body?.error?.code ?? 'http', body?.error?.message ?? `${path}: ${response.status}`, response.status, body?.error?.fields ?? {})
}

/** As `getJson`, but null where there is nothing yet (404). */
export async function getJsonOrNull<T>(path: string): Promise<T | null> {
  try {
    return await getJson<T>(path)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null
    throw error
  }
}

/** A picture of at most `points` points: as many as it is wide; every least and greatest value is in it. */
export const picturePath = (id: string, start: number, stop: number, points: number) => `${windowPath('/api/v1', id, start, stop)}&points=${points}`

export const qualityPath = (id: string, start: number, stop: number) =>
  `/api/v1/series/${encodeURIComponent(id)}/quality?start=${Math.round(start)}&stop=${Math.round(stop)}`

export const windowPath = (base: string, id: string, start: number, stop: number, every?: string) =>
  `${base}/series/${encodeURIComponent(id)}/window?start=${Math.round(start)}&stop=${Math.round(stop)}${every ? `&every=${every}` : ''}`

export type FileKind = 'spreadsheet' | 'csv' | 'parquet'

/** Where a file is, with the separator and decimal sign of an Indonesian spreadsheet for `spreadsheet`. */
export function filePath(kind: FileKind, id: string, start: number, stop: number): string {
  const asked = `series=${encodeURIComponent(id)}&start=${Math.round(start)}&stop=${Math.round(stop)}`
  if (kind === 'parquet') return `/api/v1/readings.parquet?${asked}`
  return `/api/v1/readings.csv?${asked}${kind === 'spreadsheet' ? '&separator=semicolon&decimal=comma' : ''}`
}
