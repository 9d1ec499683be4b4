import { momentsOf, type Window } from '@raison/drift'
import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { countsOf, featureOf, placeOf, placeOfSlice, statisticNames } from './name-alarm.ts'
import type { KeyResult } from './watch-file.ts'
import type { RaisedAlarm, Watched } from './watch.ts'

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
export function plotEvidence({ logEvidence, alarms }: Watched, runLength: number): Promise<string> {
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

/** What the most responsible feature of an alarm was in the baseline, and is in the window that raised the alarm. */
export function plotLead({ slices }: Watched, { named, counts }: RaisedAlarm): Promise<string> {
  const { statistic, direction, before, now } = named[0]!
  const { baseline } = slices[placeOfSlice(slices, named[0]!)]!
  const title = `${featureOf(named[0]!)}: ${statisticNames[statistic]} went ${direction}, ${before.toFixed(3)} → ${now.toFixed(3)}`
  const j = placeOf(baseline.scale, named[0]!)
  const [low, high] = [baseline.scale.low[j], baseline.scale.high[j]]
  return low === undefined || high === undefined
    ? plotOften(title, statisticNames[statistic], before, now)
    : plotDistribution(title, statisticNames[statistic], [low, high], countsOf(baseline.reference, named[0]!), counts)
}

/** What is only so or not so: how often. */
function plotOften(title: string, what: string, before: number, now: number): Promise<string> {
  const values = [
    { when: 'baseline', often: before },
    { when: 'now', often: now },
  ]
  return draw({
    title,
    data: { values },
    width: 520,
    config,
    mark: 'bar',
    encoding: {
      y: { field: 'when', type: 'nominal', title: null },
      x: { field: 'often', type: 'quantitative', title: what, scale: { domain: [0, 1] }, axis: { format: '%' } },
      color: { ...whenColour, legend: null },
    },
  })
}

function plotDistribution(
  title: string,
  what: string,
  [low, high]: readonly [number, number],
  reference: Uint32Array,
  counts: Uint32Array,
): Promise<string> {
  const values = [
    ...coarse(reference).map((share, bin) => ({ when: 'baseline', bin, share })),
    ...coarse(counts).map((share, bin) => ({ when: 'now', bin, share })),
  ].map(({ bin, ...rest }) => ({ ...rest, value: low + ((bin + 0.5) / coarseBins) * (high - low) }))
  return draw({
    title,
    data: { values },
    width: 520,
    height: 140,
    config,
    mark: { type: 'area', interpolate: 'step', line: true, fillOpacity: 0.35 },
    encoding: {
      x: { field: 'value', type: 'quantitative', title: what },
      y: { field: 'share', type: 'quantitative', stack: null, title: 'of explanations', axis: { format: '%' } },
      color: whenColour,
    },
  })
}

const coarseBins = 32

/** Share of what was counted in each of `coarseBins` bins. */
export function coarse(counts: Uint32Array): number[] {
  const shares = new Array<number>(coarseBins).fill(0)
  const all = counts.reduce((sum, count) => sum + count, 0)
  counts.forEach((count, bin) => (shares[Math.floor((bin * coarseBins) / counts.length)]! += count / all))
  return shares
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}
