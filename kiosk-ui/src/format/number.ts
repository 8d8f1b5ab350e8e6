/** Numbers as locals write them: `1.234,5` in Indonesian and the local languages, `1,234.5` in English. */

const MINUS = '−'
const formats = new Map<string, Intl.NumberFormat>()

export function number(value: number, language: string, decimals = 0): string {
  const locale = language === 'en' ? 'en-GB' : 'id-ID'
  const key = `${locale}/${decimals}`
  let format = formats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
    formats.set(key, format)
  }
  const text = format.format(value)
  const unsigned = text.replace(/^[-−]/, '')
  return unsigned === text ? text : /[1-9]/.test(unsigned) ? MINUS + unsigned : unsigned
}

/** The wire's unit codes (UCUM) as people write them. An unknown code is shown as it came. */
const UNITS: Record<string, string> = {
  Cel: '°C',
  '%RH': '%',
  'uS/cm': 'µS/cm',
  'ug/m3': 'µg/m³',
  'mg/m3': 'mg/m³',
  m3: 'm³',
  m2: 'm²',
  'W/m2': 'W/m²',
  'mm/h': 'mm/jam',
  'm/s': 'm/detik',
  pH: '',
  '1': '',
}

export const unitText = (unit: string): string => UNITS[unit] ?? unit

/** Decimals that a number was written with, six at most. */
export const decimalsIn = (value: number): number => (String(Number(value.toFixed(6))).split('.')[1] ?? '').length
