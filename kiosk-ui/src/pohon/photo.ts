/**
 * A photo from the camera, made ready on the phone: its capture time is read, then it is drawn again and smaller, and with that everything
 * that the camera had written beside the picture, its place above all, is gone.
 */

export interface ReadyPhoto {
  blob: Blob
  /** ms UTC; null where nothing says when it was taken */
  taken: number | null
  width: number
  height: number
}

export class PhotoError extends Error {
  constructor(readonly key: 'type' | 'unreadable' | 'large') {
    super(key)
  }
}

export const MOST_BYTES = 200_000
const MOST_INPUT = 40_000_000
const SIDES = [1600, 1280, 1024, 800, 640]
const QUALITIES = [0.82, 0.7, 0.55]
/** A camera opened by the page gives its picture within so long of having taken it. */
const FRESH_MS = 120_000

/** `asked`: when the camera was opened. Throws `PhotoError`. */
export async function ready(file: File, asked: number, now = Date.now()): Promise<ReadyPhoto> {
  if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type)) throw new PhotoError('type')
  if (file.size > MOST_INPUT) throw new PhotoError('large')
  const taken = exifTime(new DataView(await file.slice(0, 262_144).arrayBuffer())) ?? cameraTime(file, asked, now)
  let picture: ImageBitmap
  try {
    picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    throw new PhotoError('unreadable')
  }
  try {
    for (const side of SIDES)
      for (const quality of QUALITIES) {
        const scale = Math.min(1, side / Math.max(picture.width, picture.height))
        const canvas = document.createElement('canvas')
        canvas.width = Math.round(picture.width * scale)
        canvas.height = Math.round(picture.height * scale)
        canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height)
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality))
        if (blob && blob.size <= MOST_BYTES) return { blob, taken, width: canvas.width, height: canvas.height }
      }
  } finally {
    picture.close()
  }
  throw new PhotoError('large')
}

/** The moment at which the camera wrote the file, where it did so after the page opened it; an old file out of a gallery has none. */
export function cameraTime(file: { lastModified: number }, asked: number, now: number): number | null {
  const written = file.lastModified
  return written >= asked - 2_000 && written <= now + 2_000 && now - written <= FRESH_MS ? written : null
}

const TAGS = { exif: 0x8769, original: 0x9003, offset: 0x9011 }

/** DateTimeOriginal of a JPEG's Exif (CIPA DC-008), ms UTC; without an offset the camera's clock is the village's (WIB). */
export function exifTime(data: DataView): number | null {
  try {
    if (data.getUint16(0) !== 0xffd8) return null
    for (let at = 2; at + 4 < data.byteLength; at += 2 + data.getUint16(at + 2)) {
      if (data.getUint8(at) !== 0xff || data.getUint8(at + 1) === 0xda) return null
      if (data.getUint16(at) === 0xffe1 && data.getUint32(at + 4) === 0x45786966) return tiffTime(data, at + 10)
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // a file that ends within its own notes has none
  }
  return null
}

function tiffTime(data: DataView, start: number): number | null {
  const little = data.getUint16(start) === 0x4949
  const entries = (offset: number) => {
    const out = new Map<number, number>()
    const count = data.getUint16(start + offset, little)
    for (let i = 0; i < count; i++) out.set(data.getUint16(start + offset + 2 + i * 12, little), start + offset + 2 + i * 12)
    return out
  }
  const text = (entry: number | undefined) => {
    if (entry === undefined) return ''
    const length = data.getUint32(entry + 4, little)
    const at = length > 4 ? start + data.getUint32(entry + 8, little) : entry + 8
    return Array.from({ length: Math.min(length, 40) }, (_, i) => String.fromCharCode(data.getUint8(at + i))).join('').replace(/\0.*$/, '')
  }
  const pointer = entries(data.getUint32(start + 4, little)).get(TAGS.exif)
  if (pointer === undefined) return null
  const notes = entries(data.getUint32(pointer + 8, little))
  const said = /^(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)$/.exec(text(notes.get(TAGS.original)))
  if (!said) return null
  const offset = /^[+-]\d\d:\d\d$/.exec(text(notes.get(TAGS.offset)))?.[0] ?? '+07:00'
  const at = Date.parse(`${said[1]}-${said[2]}-${said[3]}T${said[4]}${offset}`)
  return Number.isNaN(at) ? null : at
}

export const base64 = (blob: Blob): Promise<string> =>
  new Promise((done, failed) => {
    const reader = new FileReader()
    reader.onload = () => done(String(reader.result).split(',')[1] ?? '')
    reader.onerror = () => failed(reader.error)
    reader.readAsDataURL(blob)
  })
