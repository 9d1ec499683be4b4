import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import type { KeyResult } from './watch-file.ts'

const [calm, alert] = ['#3d5a80', '#d1495b']
const config = { background: 'white', font: 'system-ui, sans-serif', view: { stroke: null } } as const

/** Evidence after every window, and the line from which on it is an alarm. */
export function plotEvidence({ logEvidence, alarms }: KeyResult, runLength: number): Promise<string> {
  const values = logEvidence.map((log, window) => ({
    window,
    // In powers of ten: more than a plot can show is as good as that.
    evidence: Math.min(Math.max(log / Math.LN10, -3), 12),
    alarm: alarms.some((alarm) => alarm.window === window),
  }))
  return draw({
    width: 720,
    height: 180,
    config,
    layer: [
      {
        data: { values },
        mark: { type: 'line', color: calm },
        encoding: {
          x: { field: 'window', type: 'quantitative', title: 'window' },
          y: { field: 'evidence', type: 'quantitative', title: 'evidence, powers of ten' },
        },
      },
      {
        data: { values: values.filter(({ alarm }) => alarm) },
        mark: { type: 'point', filled: true, size: 80, color: alert },
        encoding: {
          x: { field: 'window', type: 'quantitative' },
          y: { field: 'evidence', type: 'quantitative' },
        },
      },
      {
        data: { values: [{ level: Math.log10(runLength) }] },
        mark: { type: 'rule', color: alert, strokeDash: [4, 3] },
        encoding: { y: { field: 'level', type: 'quantitative' } },
      },
    ],
  })
}

/** Mean |contribution| of every feature then and now, the largest change first. */
export function plotImportance({ whole }: KeyResult): Promise<string> {
  const features = whole!.features.toSorted(
    (a, b) => Math.abs(b.importance - b.referenceImportance) - Math.abs(a.importance - a.referenceImportance),
  )
  return draw({
    data: {
      values: features.flatMap(({ feature, importance, referenceImportance }) => [
        { feature, when: 'baseline', importance: referenceImportance },
        { feature, when: 'now', importance },
      ]),
    },
    width: 520,
    config,
    mark: 'bar',
    encoding: {
      y: { field: 'feature', type: 'nominal', sort: features.map(({ feature }) => feature), title: null },
      yOffset: { field: 'when', type: 'nominal' },
      x: { field: 'importance', type: 'quantitative', title: 'mean |contribution|' },
      color: { field: 'when', type: 'nominal', title: null, scale: { range: ['#b8c4d6', calm] } },
    },
  })
}

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg
}
