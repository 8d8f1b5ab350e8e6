/** A photo made small enough for a village's line. Drawing it anew leaves out where and when it was taken. */

export const MOST_BYTES = 190_000
const SIDES = [1280, 1024, 800, 640]
const QUALITIES = [0.8, 0.65, 0.5]

/** JPEG in base64, at most `MOST_BYTES`. Throws for a file that is no picture. */
export async function small(file: File): Promise<{ base64: string; url: string; bytes: number }> {
  const bitmap = await createImageBitmap(file)
  try {
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height))
      const canvas = document.createElement('canvas')
      canvas.width = Math.max(1, Math.round(bitmap.width * scale))
      canvas.height = Math.max(1, Math.round(bitmap.height * scale))
      canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
      for (const quality of QUALITIES) {
        const url = canvas.toDataURL('image/jpeg', quality)
        const base64 = url.slice(url.indexOf(',') + 1)
        const bytes = Math.floor((base64.length * 3) / 4)
        if (url.startsWith('data:image/jpeg') && bytes <= MOST_BYTES) return { base64, url, bytes }
      }
    }
  } finally {
    bitmap.close()
  }
  throw new Error('photo')
}
