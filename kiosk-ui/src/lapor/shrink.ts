/** A photo made small enough to travel, drawn anew: where it was taken and whose camera it was is not in the new one. */

export interface Fit {
  /** longest side in pixels */
  side: number
  bytes: number
}

/** At a kiosk it goes through the village's line in one pack; from a phone it may be larger. */
export const FITS: Record<'kiosk' | 'phone', Fit> = { kiosk: { side: 1024, bytes: 38_000 }, phone: { side: 1280, bytes: 250_000 } }
const MOST_BYTES = 30 * 1024 * 1024
const QUALITIES = [0.8, 0.65, 0.5, 0.35]

export type Trouble = 'large' | 'unreadable'

/** Base64 of a JPEG within `fit`, or what is wrong with the file. */
export async function shrink(file: Blob, fit: Fit): Promise<{ photo: string } | { trouble: Trouble }> {
  if (file.size > MOST_BYTES) return { trouble: 'large' }
  let image: ImageBitmap
  try {
    image = await createImageBitmap(file, { imageOrientation: 'from-image' })
  } catch {
    return { trouble: 'unreadable' }
  }
  try {
    for (let side = fit.side; side >= 160; side = Math.round(side * 0.75)) {
      const canvas = drawn(image, side)
      for (const quality of QUALITIES) {
        const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality))
        if (blob && blob.size <= fit.bytes) return { photo: await base64(blob) }
      }
    }
    return { trouble: 'unreadable' }
  } finally {
    image.close()
  }
}

function drawn(image: ImageBitmap, side: number): HTMLCanvasElement {
  const scale = Math.min(1, side / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(image.width * scale))
  canvas.height = Math.max(1, Math.round(image.height * scale))
  const pen = canvas.getContext('2d')!
  pen.fillStyle = '#ffffff' // what is clear in a PNG
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(image, 0, 0, canvas.width, canvas.height)
  return canvas
}

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  let text = ''
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
  return btoa(text)
}
