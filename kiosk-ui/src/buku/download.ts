/** A file that needs the field's key: fetched, then given to the browser to keep. */
import { ApiError } from '../api/request'

/** Throws `ApiError`. */
export async function download(path: string, key: string, name: string): Promise<void> {
  let response: Response
  try {
    response = await fetch(path, { headers: { authorization: `Field ${key}` } })
  } catch (error) {
    throw new ApiError('unreachable', String(error), 0)
  }
  if (!response.ok) throw new ApiError('http', `${path}: ${response.status}`, response.status)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await response.blob())
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
