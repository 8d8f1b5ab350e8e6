/** What is drawn over time: how a rule stood, and moments with a word. */
import type uPlot from 'uplot'
import type { PhaseName } from '../api/types'
import type { Ink } from './draw'

export interface Stretch {
  phase: PhaseName
  start: number
  stop: number
}

/** A moment: `text` stands at its foot; a late one, learnt afterwards, is dashed. */
export interface Upright {
  at: number
  text: string
  late?: boolean
}

const STRIP = 0.5
/** Rows for the words of moments; who finds no room in them has a line and no word. */
export const ROWS = 3

/** A pale ground and a strip below: full for firing, dashes for pending, dots for clearing, so that colour does not stand alone. */
export function drawStretches(u: uPlot, stretches: Stretch[], colours: Record<PhaseName, string>, ink: Ink) {
  const { ctx, bbox } = u
  const strip = ink.fontPx * STRIP * devicePixelRatio
  const left = (at: number) => Math.min(bbox.left + bbox.width, Math.max(bbox.left, u.valToPos(at / 1000, 'x', true)))
  ctx.save()
  for (const { phase, start, stop } of stretches) {
    const [x, end] = [left(start), left(stop)]
    if (end <= x) continue
    ctx.fillStyle = colours[phase]
    ctx.globalAlpha = phase === 'firing' ? 0.14 : 0.07
    ctx.fillRect(x, bbox.top, end - x, bbox.height)
    ctx.globalAlpha = 1
    ctx.strokeStyle = colours[phase]
    ctx.lineWidth = strip
    ctx.setLineDash(phase === 'firing' ? [] : phase === 'pending' ? [strip * 1.5, strip] : [strip * 0.4, strip * 0.6])
    ctx.beginPath()
    ctx.moveTo(x, bbox.top + bbox.height - strip / 2)
    ctx.lineTo(end, bbox.top + bbox.height - strip / 2)
    ctx.stroke()
  }
  ctx.restore()
}

/** An upright line a moment, its word above the plot in the first row where it has room. */
export function drawUprights(u: uPlot, uprights: Upright[], ink: Ink) {
  const { ctx, bbox } = u
  const ratio = devicePixelRatio
  const px = ink.fontPx * ratio
  const ends: number[] = []
  ctx.save()
  ctx.strokeStyle = ink.text
  ctx.fillStyle = ink.text
  ctx.lineWidth = 1.5 * ratio
  ctx.font = `600 ${px}px ${ink.font}`
  ctx.textBaseline = 'bottom'
  ctx.textAlign = 'left'
  for (const { at, text, late } of [...uprights].sort((a, b) => a.at - b.at)) {
    const x = Math.round(u.valToPos(at / 1000, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    const width = ctx.measureText(text).width
    const begin = Math.max(bbox.left, Math.min(x, bbox.left + bbox.width - width))
    let row = 0
    while (row < ROWS && (ends[row] ?? -Infinity) > begin) row += 1
    ctx.setLineDash(late ? [2 * ratio, 3 * ratio] : [])
    ctx.beginPath()
    ctx.moveTo(x, row < ROWS ? bbox.top - row * px * 1.3 : bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    if (row === ROWS) continue
    ctx.fillText(text, begin + (begin === x ? px * 0.3 : 0), bbox.top - row * px * 1.3 - px * 0.1)
    ends[row] = begin + width + px * 0.8
  }
  ctx.restore()
}

/** Along the bottom of the plot, gold where tests doubted and red where readings failed; a moment is as wide as can be seen. */
export function drawDoubts(u: uPlot, doubts: { from: number; to: number; flag: number }[], ink: Ink) {
  const { ctx, bbox } = u
  const [tall, least] = [ink.fontPx * 0.35 * devicePixelRatio, 3 * devicePixelRatio]
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  for (const failed of [false, true]) {
    ctx.fillStyle = failed ? ink.failed : ink.mark
    for (const doubt of doubts) {
      if ((doubt.flag === 4) !== failed) continue
      const from = u.valToPos(doubt.from / 1000, 'x', true)
      const wide = Math.max(least, u.valToPos(doubt.to / 1000, 'x', true) - from)
      ctx.fillRect(from - least / 2, bbox.top + bbox.height - tall, wide, tall)
    }
  }
  ctx.restore()
}
