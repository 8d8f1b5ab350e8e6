/** The map's picture: village outlines, and trees as circles of many or marks of one, by status. */
import type { Outlines } from '../../lahan/place'
import { num } from '../../language.svelte'
import type { Trees } from './document'
import { SINGLE_SCALE, type Cluster, type View } from './view'

export interface Shape {
  code: string
  path: Path2D
  /** west, south, east, north in steps */
  bounds: [number, number, number, number]
}

/** Outlines in steps of the document, north up. */
export function shapes(outlines: Outlines, trees: Trees): Shape[] {
  return outlines.features.map((feature) => {
    const path = new Path2D()
    const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
    const polygons = feature.geometry.type === 'Polygon' ? [feature.geometry.coordinates] : feature.geometry.coordinates
    for (const ring of polygons.flat()) {
      ring.forEach(([lon, lat], i) => {
        const x = (lon! - trees.west) / trees.step
        const y = (lat! - trees.south) / trees.step
        bounds[0] = Math.min(bounds[0], x)
        bounds[1] = Math.min(bounds[1], y)
        bounds[2] = Math.max(bounds[2], x)
        bounds[3] = Math.max(bounds[3], y)
        if (i) path.lineTo(x, y)
        else path.moveTo(x, y)
      })
      path.closePath()
    }
    return { code: String(feature.id), path, bounds }
  })
}

interface Picture {
  width: number
  height: number
  view: View
  paths: Shape[]
  clusters: Cluster[]
  village: string
}

const COLOURS = ['--river', '--forest', '--forest', '--clay', '--grey']

export function paint(canvas: HTMLCanvasElement, { width, height, view, paths, clusters, village }: Picture) {
  const ratio = Math.min(2, devicePixelRatio || 1)
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const context = canvas.getContext('2d')!
  const style = getComputedStyle(canvas)
  const colour = (name: string) => style.getPropertyValue(name)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  ground(context, ratio, { width, height, view, paths, village }, colour)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const tones = COLOURS.map(colour)
  for (const cluster of clusters) {
    if (cluster.count === 1) mark(context, cluster.px, cluster.py, cluster.of.indexOf(1), tones, view.scale >= SINGLE_SCALE ? 6 : 4)
    else many(context, cluster, tones, colour('--paper'), style.fontFamily)
  }
}

function ground(
  context: CanvasRenderingContext2D,
  ratio: number,
  { width, height, view, paths, village }: Omit<Picture, 'clusters'>,
  colour: (name: string) => string,
) {
  const scale = view.scale * ratio
  context.setTransform(scale, 0, 0, -scale, (width / 2) * ratio - view.x * scale, (height / 2) * ratio + view.y * scale)
  for (const { code, path } of paths) {
    context.fillStyle = colour('--paper')
    context.fill(path)
    context.strokeStyle = colour(code === village ? '--ink' : '--line')
    context.lineWidth = (code === village ? 2 : 1) / view.scale
    context.stroke(path)
  }
}

/** A circle as large as many trees; its rim is divided by what became of them. */
function many(context: CanvasRenderingContext2D, { px, py, count, of }: Cluster, tones: string[], paper: string, family: string) {
  const radius = Math.min(22, 8 + 3.2 * Math.log10(count) * 1.6)
  context.beginPath()
  context.arc(px, py, radius + 2, 0, 2 * Math.PI)
  context.fillStyle = paper
  context.fill()
  let from = -Math.PI / 2
  of.forEach((n, i) => {
    if (!n) return
    const to = from + (2 * Math.PI * n) / count
    context.beginPath()
    context.arc(px, py, radius, from, to)
    context.strokeStyle = tones[i]!
    context.lineWidth = 3
    context.stroke()
    from = to
  })
  context.fillStyle = tones[1]!
  context.font = `600 ${count > 9_999 ? 10 : 11}px ${family}`
  context.fillText(num(count), px, py + 0.5)
}

/** The shapes of StatusMark: ring, disc, triangle, cross, diamond. */
function mark(context: CanvasRenderingContext2D, x: number, y: number, status: number, tones: string[], r: number) {
  context.beginPath()
  context.fillStyle = context.strokeStyle = tones[status] ?? tones[4]!
  context.lineWidth = 2
  if (status === 2) {
    context.moveTo(x, y - r)
    context.lineTo(x + r, y + r * 0.8)
    context.lineTo(x - r, y + r * 0.8)
    context.closePath()
    context.fill()
  } else if (status === 3) {
    context.moveTo(x - r * 0.8, y - r * 0.8)
    context.lineTo(x + r * 0.8, y + r * 0.8)
    context.moveTo(x + r * 0.8, y - r * 0.8)
    context.lineTo(x - r * 0.8, y + r * 0.8)
    context.stroke()
  } else if (status === 4) {
    context.moveTo(x, y - r)
    context.lineTo(x + r, y)
    context.lineTo(x, y + r)
    context.lineTo(x - r, y)
    context.closePath()
    context.stroke()
  } else {
    context.arc(x, y, r * 0.85, 0, 2 * Math.PI)
    if (status === 1) context.fill()
    else context.stroke()
  }
}
