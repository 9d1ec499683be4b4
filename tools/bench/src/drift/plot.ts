import * as vega from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { ours, oursBySegment } from './detectors.ts'
import type { DriftResult } from './score.ts'

/** A panel per source: false alarms to the right, delay upward; the best corner is below on the left. */
export async function plotDrift(results: readonly DriftResult[]): Promise<string> {
  const points = results.flatMap(({ source, windows, quietWindows, scenarios, detectors }) =>
    detectors.map(({ name, falseAlarms, delays }) => {
      const seen = delays.filter((_, k) => !scenarios[k]!.harmless)
      return {
        source,
        detector: name,
        kind: name === ours || name === oursBySegment ? 'Raison' : name.startsWith('river') ? 'river' : 'usual rules',
        // None at all is drawn where a half would be.
        falseAlarms: (1000 * Math.max(0.5, falseAlarms)) / quietWindows,
        delay: seen.reduce((sum, { median }) => sum + Math.min(median, windows.after), 0) / seen.length,
      }
    }),
  )
  const spec: TopLevelSpec = {
    data: { values: points },
    facet: { column: { field: 'source', title: null, sort: null } },
    spec: {
      width: 420,
      height: 320,
      encoding: {
        x: {
          field: 'falseAlarms',
          type: 'quantitative',
          scale: { type: 'log' },
          title: 'false alarms in 1,000 windows',
        },
        y: {
          field: 'delay',
          type: 'quantitative',
          scale: { type: 'log' },
          title: 'windows until the alarm, mean of the scenarios',
        },
        color: { field: 'kind', type: 'nominal', title: null, scale: { range: ['#0b6e4f', '#d1495b', '#3d5a80'] } },
      },
      layer: [
        { mark: { type: 'point', filled: true, size: 70 } },
        { mark: { type: 'text', dy: -9, fontSize: 10 }, encoding: { text: { field: 'detector' } } },
      ],
    },
    config: { background: 'white', font: 'sans-serif' },
  }
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  return `${await view.toSVG()}\n`
}
