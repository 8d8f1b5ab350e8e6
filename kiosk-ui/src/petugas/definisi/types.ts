/** As the API tells a village's own definitions. */
import { ApiError } from '../../api/request'
import type { Service as Offered } from '../../kiosk/services/types'

export interface Fault {
  /** place in the file; empty for the whole of it */
  at: string
  said: string
}

export interface Tried {
  faults: Fault[]
  id: string | null
  kiosk: Offered | null
  definition: { standard: Record<string, string>; self_service: boolean; kind: 'letter' | 'forward' } | null
  /** whose definition is in force now */
  replaces: 'desa' | 'berkas' | 'bawaan' | null
  changes: string[]
  notes: string[]
  /** requests for it that are under way */
  open: number
}

export interface Version {
  version: number
  at: string
  by: string
  note: string
  /** null where the village's own was taken back */
  text: string | null
}

export interface Defined {
  id: string
  title: string | null
  text: string | null
  whose: Tried['replaces']
  versions: Version[]
}

export interface Own {
  id: string
  title: string | null
  in_force: boolean
  at: string
  by: string
  note: string
}

/** The sample letter, as PDF or as an image of its first page. Throws `ApiError`. */
export async function sample(as: 'pdf' | 'image', said: { village: string; text: string; answers?: Record<string, unknown> }): Promise<Blob> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(said) }
  const response = await fetch(`/api/v1/services/definitions/letter?as=${as}`, init).catch((error: unknown) => {
    throw new ApiError('unreachable', String(error), 0)
  })
  if (response.ok) return response.blob()
  const body = (await response.json().catch(() => null)) as { error?: { code: string; message: string; fields?: Record<string, string> } } | null
  throw new ApiError(body?.error?.code ?? 'http', body?.error?.message ?? String(response.status), response.status, body?.error?.fields ?? {})
}

/** As an address that a page may show: images from elsewhere are not allowed. */
export const shown = (blob: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(new Error('unreadable'))
    reader.readAsDataURL(blob)
  })
