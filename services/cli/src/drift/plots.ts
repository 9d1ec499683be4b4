import { histogram, momentsOf, statisticsOf, type Window } from '@raison/drift'
import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { statisticNames, type Named } from './name-alarm.ts'
import type { KeyResult, RaisedAlarm } from './watch-file.ts'

// Apart in lightness too: legible in grey, and to the colour-blind.
const [then, now, alert] = ['#b8c4d6', '#1f3d66', '#d1495b']
const whenColour = {
  field: 'when',
  type: 'nominal',
  title: null,
  scale: { domain: ['baseline', 'now'], range: [then, now] },
} as const
const config = {
  background: 'white',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  title: { anchor: 'start', fontSize: 12, limit: 1000 },
} as const

/** Evidence after every window, and the line from which on it is an alarm. */
export function plotEvidence({ logEvidence, alarms }: KeyResult, runLength: number): Promise<string> {
  const raised = new Set(alarms.map(({ window }) => window))
  const values = logEvidence.map((log, window) => ({
    window,
    // In powers of ten: more than a plot can show is as good as that.
    evidence: Math.min(Math.max(log / Math.LN10, -3), 12),
    alarm: raised.has(window),
  }))
  const x = { field: 'window', type: 'quantitative', title: 'window', axis: { tickMinStep: 1 } } as const
  const y = { field: 'evidence', type: 'quantitative', title: 'evidence, powers of ten' } as const
  return draw({
    title:
      raised.size === 0
        ? 'The evidence stayed below the alarm line'
        : `The evidence reached the alarm line in ${raised.size} of ${values.length} windows, first in window ${alarms[0]!.window}`,
    width: 720,
    height: 180,
    config,
    layer: [
      { data: { values }, mark: { type: 'line', color: now }, encoding: { x, y } },
      {
        data: { values: values.filter(({ alarm }) => alarm) },
        mark: { type: 'point', filled: true, size: 80, color: alert },
        encoding: { x, y },
      },
      {
        data: { values: [{ level: Math.log10(runLength) }] },
        mark: { type: 'rule', color: alert, strokeDash: [4, 3] },
        encoding: { y: { field: 'level', type: 'quantitative' } },
      },
    ],
  })
}

/** A plot of more is not read. */
const mostFeatures = 30

/** The mean share of every feature then and now: those that alarms name first, then the largest change. */
export function plotShares(result: KeyResult): Promise<string> {
  const { reference, scale } = result.baseline.baseline
  const named = [...new Set(result.alarms.flatMap(({ features }) => features.map(({ feature }) => feature)))]
  const rank = (feature: string): number => (named.includes(feature) ? named.indexOf(feature) : named.length)
  const shares = scale.features.map((feature, i) => {
    const meanIn = (window: Window): number => momentsOf(window, 'share', i)!.mean
    return { feature, baseline: meanIn(reference), now: meanIn(result.whole) }
  })
  const change = (share: (typeof shares)[number]): number => Math.abs(share.now - share.baseline)
  const shown = shares
    .toSorted((a, b) => rank(a.feature) - rank(b.feature) || change(b) - change(a))
    .slice(0, mostFeatures)
  const most = shown[0]!
  return draw({
    title: `${most.feature}: ${percent(most.baseline)} of all contribution in the baseline, ${percent(most.now)} now`,
    data: {
      values: shown.flatMap(({ feature, ...mean }) => [
        { feature, when: 'baseline', share: mean.baseline },
        { feature, when: 'now', share: mean.now },
      ]),
    },
    width: 520,
    config,
    mark: 'bar',
    encoding: {
      // In the order of the data: Vega, given an order, trips over names that every object has, such as constructor.
      y: { field: 'feature', type: 'nominal', sort: null, title: null },
      yOffset: { field: 'when', type: 'nominal' },
      x: { field: 'share', type: 'quantitative', title: 'mean share of all contribution', axis: { format: '%' } },
      color: whenColour,
    },
  })
}

/** How the statistic of one feature was distributed in the baseline, and is in the window that raised the alarm. */
export function plotDistribution(result: KeyResult, alarm: RaisedAlarm, lead: Named): Promise<string> {
  const { reference, scale } = result.baseline.baseline
  const j =
    statisticsOf(scale.adverse).indexOf(lead.statistic) * scale.features.length + scale.features.indexOf(lead.feature)
  // What is only so or not so lies at 0 and at 1.
  const [low, high] = [scale.low[j] ?? 0, scale.high[j] ?? 1]
  const values = [
    ...coarse(histogram(reference, j), reference.explanations).map((share, bin) => ({ when: 'baseline', bin, share })),
    ...coarse(histogram(alarm.counted, j), alarm.counted.explanations).map((share, bin) => ({
      when: 'now',
      bin,
      share,
    })),
  ].map(({ bin, ...rest }) => ({ ...rest, value: low + ((bin + 0.5) / coarseBins) * (high - low) }))
  return draw({
    title: `${lead.feature}: ${statisticNames[lead.statistic]} went ${lead.direction}, ${lead.before.toFixed(3)} → ${lead.now.toFixed(3)}`,
    data: { values },
    width: 520,
    height: 140,
    config,
    mark: { type: 'area', interpolate: 'step', line: true, fillOpacity: 0.35 },
    encoding: {
      x: { field: 'value', type: 'quantitative', title: statisticNames[lead.statistic] },
      y: { field: 'share', type: 'quantitative', stack: null, title: 'of explanations', axis: { format: '%' } },
      color: whenColour,
    },
  })
}

const coarseBins = 32

/** Share of the explanations in each of `coarseBins` bins; how often it was not so and was so lies in the first and the last. */
export function coarse(counts: Uint32Array, explanations: number): number[] {
  const shares = new Array<number>(coarseBins).fill(0)
  const places = counts.length === 2 ? [0, coarseBins - 1] : undefined
  counts.forEach((counted, bin) => {
    const place = places?.[bin] ?? Math.floor((bin * coarseBins) / counts.length)
    shares[place]! += counted / explanations
  })
  return shares
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}
