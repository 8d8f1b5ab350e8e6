/** What uPlot does not draw by itself: WIB ticks, threshold lines with their word, quality marks. */
import type uPlot from 'uplot'
import type { Threshold } from '../api/types'
import { path } from '../format/severity'
import { wib } from '../format/time'
import { num, say, t } from '../language.svelte'
import type { Columns } from './gaps'

export interface Ink {
  line: string
  band: string
  edge: string
  grid: string
  text: string
  paper: string
  mark: string
  failed: string
  severity: string[]
  font: string
  fontPx: number
}

export function inkOf(element: HTMLElement): Ink {
  const style = getComputedStyle(element)
  const value = (name: string) => style.getPropertyValue(name).trim()
  const fontPx = Math.round(Number.parseFloat(style.fontSize)) // uPlot reads whole pixels only
  return {
    line: value('--river'),
    band: value('--band'),
    edge: value('--band-edge'),
    grid: value('--line'),
    text: value('--grey'),
    paper: value('--paper'),
    mark: value('--gold'),
    failed: value('--red'),
    severity: [0, 1, 2, 3].map((n) => value(['--forest', '--gold', '--clay', '--red'][n]!)),
    font: style.fontFamily,
    fontPx,
  }
}

const DAY_S = 86_400

/** `09.00` within a day, the date under midnight and under the first tick; only dates or months when the steps are long. */
export function wibTicks(splits: number[], step: number): string[] {
  return splits.map((seconds, i) => {
    const at = seconds * 1000
    const w = wib(at)
    if (step >= 28 * DAY_S) return `${t(`month.short.${w.month}`)}\n${w.year}`
    if (step >= DAY_S) return say.dayMonth(at)
    const midnight = w.hour === 0 && w.minute === 0
    return midnight || i === 0 ? `${say.clock(at)}\n${say.dayMonth(at)}` : say.clock(at)
  })
}

/** The range of y: all data, every threshold already passed and the next one above, with a little air. */
export function yRange(c: Columns, thresholds: Threshold[]): [number, number] {
  const known = [c.v, c.low ?? [], c.high ?? [], c.marks.map((m) => m.v)].flat().filter((v): v is number => v !== null)
  if (!known.length) return [0, 1]
  let low = Math.min(...known)
  let high = Math.max(...known)
  const above = thresholds.map((x) => x.value).filter((v) => v > high)
  for (const { value } of thresholds) if (value <= high) low = Math.min(low, value)
  if (above.length) high = Math.min(...above)
  const air = (high - low || Math.abs(high) * 0.1 || 1) * 0.08
  return [low >= 0 && low - air < 0 ? 0 : low - air, high + air]
}

export function drawThresholds(u: uPlot, thresholds: Threshold[], ink: Ink) {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, 0, bbox.width, bbox.top + bbox.height + 2)
  ctx.clip()
  for (const threshold of thresholds) {
    const y = Math.round(u.valToPos(threshold.value, 'y', true))
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    const colour = ink.severity[threshold.severity] ?? ink.text
    ctx.strokeStyle = colour
    ctx.fillStyle = colour
    ctx.lineWidth = 1.5 * ratio
    ctx.setLineDash([6 * ratio, 4 * ratio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.setLineDash([])
    const px = ink.fontPx * ratio
    ctx.font = `600 ${px}px ${ink.font}`
    ctx.textBaseline = 'bottom'
    ctx.textAlign = 'left'
    const size = px * 0.8
    const text = `${threshold.label} ${num(threshold.value, threshold.decimals ?? 2)}`
    const x = threshold.right ? bbox.left + bbox.width - ctx.measureText(text).width - size * 1.8 - px * 0.4 : bbox.left + px * 0.4
    ctx.save()
    ctx.translate(x, y - px * 0.25 - size)
    ctx.scale(size / 24, size / 24)
    ctx.fill(new Path2D(path(threshold.severity)))
    ctx.restore()
    // a word may lie on the line of the readings
    ctx.strokeStyle = ink.paper
    ctx.lineWidth = 4 * ratio
    ctx.lineJoin = 'round'
    ctx.strokeText(text, x + size * 1.4, y - px * 0.08)
    ctx.fillText(text, x + size * 1.4, y - px * 0.08)
  }
  ctx.restore()
}

export function drawMarks(u: uPlot, marks: Columns['marks'], ink: Ink) {
  const { ctx } = u
  const r = 5 * devicePixelRatio
  ctx.save()
  ctx.lineWidth = 2 * devicePixelRatio
  for (const mark of marks) {
    const x = u.valToPos(mark.t / 1000, 'x', true)
    const y = u.valToPos(mark.v, 'y', true)
    ctx.beginPath()
    if (mark.quality === 4) {
      ctx.strokeStyle = ink.failed
      ctx.moveTo(x - r, y - r)
      ctx.lineTo(x + r, y + r)
      ctx.moveTo(x + r, y - r)
      ctx.lineTo(x - r, y + r)
    } else {
      ctx.strokeStyle = ink.mark
      ctx.arc(x, y, r, 0, Math.PI * 2)
    }
    ctx.stroke()
  }
  ctx.restore()
}
