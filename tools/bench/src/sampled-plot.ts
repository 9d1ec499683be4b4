import type { SampledResult } from './sampled-comparison.ts'
import { quantile, type SampledPoint } from './sampled-measures.ts'
import { ownKernelShap, shipped, withoutSurrogate } from './sampled-ours.ts'
import { peerMethods } from './sampled-peers.ts'

const lines = [
  { method: shipped, colour: '#0b6e4f' },
  { method: withoutSurrogate, colour: '#7cb518' },
  { method: ownKernelShap, colour: '#3d5a80' },
  { method: peerMethods[0].method, colour: '#d1495b' },
  { method: peerMethods[1].method, colour: '#edae49' },
]
const axes = [
  { title: 'model rows of a decision', of: ({ rows }: SampledPoint) => rows },
  { title: 'processor time of a decision, ms', of: ({ milliseconds }: SampledPoint) => milliseconds },
]
const panel = { width: 330, height: 260, left: 62, top: 64, gap: 84 }
const keyWidth = 210

/** Error against model rows above, against time below, a column per case: medians as lines, 90th percentiles dotted. */
export function plotSampled(results: readonly SampledResult[]): string {
  const all = results.flatMap(({ points }) =>
    points.filter(({ method }) => lines.some((line) => line.method === method)),
  )
  const y = errorScale(all)
  const panels = axes.flatMap(({ title, of }, row) => {
    const x = logScale(all.map(of), panel.width)
    return results.map((result, column) => {
      const place = `translate(${panel.left + column * across} ${panel.top + row * down})`
      const curves = lines.flatMap((line) => drawCurves(line, result.points, (p) => x.at(of(p)), y))
      return `<g transform="${place}">\n${[...drawGrid(x, y), ...curves, ...drawTitles(result.title, title)].join('\n')}\n</g>`
    })
  })
  const width = panel.left + Math.max(results.length * across, lines.length * keyWidth)
  const height = panel.top + axes.length * down
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...lines.map(drawKey),
    ...panels,
    '</svg>\n',
  ].join('\n')
}

const across = panel.width + panel.gap
const down = panel.height + panel.gap

interface Scale {
  readonly ticks: readonly number[]
  at(value: number): number
}

const errorScale = (points: readonly SampledPoint[]): Scale =>
  logScale(
    points.flatMap(({ errors }) => [quantile(errors, 0.5), quantile(errors, 0.9)]),
    panel.height,
  )

/** From the values' range to 0 … length, both logarithms; ticks at the powers of ten inside. */
function logScale(values: readonly number[], length: number): Scale {
  const [low, high] = [Math.log10(Math.min(...values)) - 0.1, Math.log10(Math.max(...values)) + 0.1]
  const powers = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, k) => Math.ceil(low) + k)
  return {
    ticks: powers.map((power) => 10 ** power),
    at: (value) => Math.round((10 * length * (Math.log10(value) - low)) / (high - low)) / 10,
  }
}

function drawKey({ method, colour }: (typeof lines)[number], k: number): string {
  const x = panel.left + k * keyWidth
  return `<path d="M${x} 20h22" stroke="${colour}" stroke-width="2.5"/><text x="${x + 28}" y="24">${method}</text>`
}

function drawCurves(
  { method, colour }: (typeof lines)[number],
  all: readonly SampledPoint[],
  xOf: (point: SampledPoint) => number,
  y: Scale,
): string[] {
  const points = all.filter((point) => point.method === method)
  if (points.length === 0) return []
  const path = (share: number): string =>
    `M${points.map((point) => `${xOf(point)} ${panel.height - y.at(quantile(point.errors, share))}`).join('L')}`
  return [
    `<path d="${path(0.5)}" fill="none" stroke="${colour}" stroke-width="2.5"/>`,
    `<path d="${path(0.9)}" fill="none" stroke="${colour}" stroke-dasharray="2 3"/>`,
  ]
}

function drawGrid(x: Scale, y: Scale): string[] {
  const { width, height } = panel
  const labelled = (at: string, path: string, text: string): string =>
    `<path d="${path}" stroke="#ddd"/><text ${at}>${text}</text>`
  return [
    ...x.ticks.map((tick) =>
      labelled(`x="${x.at(tick)}" y="${height + 16}" text-anchor="middle"`, `M${x.at(tick)} 0v${height}`, String(tick)),
    ),
    ...y.ticks.map((tick) => {
      const at = height - y.at(tick)
      return labelled(`x="-6" y="${at + 4}" text-anchor="end"`, `M0 ${at}h${width}`, tick.toExponential(0))
    }),
  ]
}

function drawTitles(title: string, axis: string): string[] {
  return [
    `<text y="-10" font-weight="bold">${title}</text>`,
    `<text x="${panel.width / 2}" y="${panel.height + 36}" text-anchor="middle">${axis}</text>`,
    `<text transform="translate(-46 ${panel.height / 2}) rotate(-90)" text-anchor="middle">relative squared error</text>`,
  ]
}
