/** The QR code in a picture: by the browser where it can, else by a decoder that is fetched only then. */
const MOST = 1600

interface Detector {
  detect(image: ImageBitmap): Promise<{ rawValue: string }[]>
}
const Native = (globalThis as { BarcodeDetector?: new (o: { formats: string[] }) => Detector }).BarcodeDetector

/** Fetches the decoder where the browser has none. */
export const ready = async () => (Native ? null : (await import('qr/decode.js')).decodeQR)

/** The code's text, '' where there is none. */
export async function readPicture(file: Blob): Promise<string> {
  const picture = await createImageBitmap(file)
  if (Native) return (await new Native({ formats: ['qr_code'] }).detect(picture))[0]?.rawValue ?? ''
  const decode = (await ready())!
  const scale = Math.min(1, MOST / Math.max(picture.width, picture.height))
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale)))
  const context = canvas.getContext('2d')!
  context.drawImage(picture, 0, 0, canvas.width, canvas.height)
  try {
    return decode(context.getImageData(0, 0, canvas.width, canvas.height))
  } catch {
    return ''
  }
}
