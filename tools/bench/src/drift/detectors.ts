import {
  adwinDefaults,
  adwinPerFeature,
  anyFeatureAbove,
  createEDetector,
  fitBaseline,
  fitValueBaseline,
  openWindow,
  pageHinkleyPerFeature,
  rowWidth,
  update,
  windowBelow,
  type Baseline,
  type DriftDetector,
  type FeatureDescription,
  type Window,
} from '@raison/drift'
import { windowSize, type DriftSource, type Rows } from './source.ts'

/** The run length that our detector promises, in windows. */
export const runLength = 2000

export const ours = 'Raison, e-detector'
export const oursBySegment = 'Raison, a slice per channel'

/** A detector beside the windows that it looks at. */
export interface Watcher {
  readonly name: string
  /** Numbers of the windows, from 0, in which it raised an alarm. */
  alarms(live: Rows): number[]
}

/** Ours, and what others do with the same windows. */
export function watchersOf(source: DriftSource, reference: Rows): Watcher[] {
  const { features, adverse, segments } = source
  const baseline = fitBaseline({ features, adverse, rows: reference.rows })
  const on = (detector: DriftDetector<unknown>): Watcher => ({
    name: detector.name,
    alarms: (live) => alarmsOf(detector, windowsOf(source, live, [{ baseline, segment: undefined }])),
  })
  const p = (limit: number) => [({ ksPValue }: { readonly ksPValue: number }) => -ksPValue, -limit] as const
  return [
    { ...on(createEDetector([{ name: '', baseline }], { runLength })), name: ours },
    ...(segments.length > 0 ? [bySegment(source, reference)] : []),
    ...onValues(source, reference, p(0.05 / features.length)),
    on(anyFeatureAbove('KS, p < .05 of any feature', baseline, ...p(0.05))),
    on(anyFeatureAbove('KS, Bonferroni', baseline, ...p(0.05 / features.length))),
    on(anyFeatureAbove('PSI > .1 of any feature', baseline, ({ psi }) => psi, 0.1)),
    on(anyFeatureAbove('PSI > .2 of any feature', baseline, ({ psi }) => psi, 0.2)),
    on(anyFeatureAbove('Jensen–Shannon > .1 of any feature', baseline, ({ jensenShannon }) => jensenShannon, 0.1)),
    on(windowBelow('nDCG < .9', baseline, ({ ndcg }) => ndcg, 0.9)),
    on(windowBelow('Spearman < .9', baseline, ({ spearman }) => spearman, 0.9)),
    { ...on(adwinPerFeature(baseline, { ...adwinDefaults, clock: 1 })), name: 'ADWIN on windows' },
    { ...on(pageHinkleyPerFeature(baseline, pageHinkleyOfMeans)), name: 'Page–Hinkley on windows' },
  ]
}

/** Means of 250 shares move by hundredths. */
const pageHinkleyOfMeans = { ignored: 0.005, threshold: 0.05, grace: 10 }

/** The usual rules on the values themselves. */
function onValues(
  { features }: DriftSource,
  reference: Rows,
  ksBonferroni: readonly [(feature: FeatureDescription) => number, number],
): Watcher[] {
  const n = features.length
  const missing = valuesOfMissing(reference, n)
  const valuesOf = ({ rows }: Rows): Float64Array =>
    rows.filter((_, at) => at % (2 * n) >= n).map((value, at) => (Number.isNaN(value) ? missing[at % n]! : value))
  const tolerances = features.map(() => 0)
  const baseline = fitValueBaseline({ names: features, values: valuesOf(reference), tolerances })
  const on = (detector: DriftDetector<unknown>): Watcher => ({
    name: detector.name,
    alarms(live) {
      const values = valuesOf(live)
      const windows = Array.from({ length: Math.floor(values.length / n / windowSize) }, (_, k) => {
        const window = openWindow(baseline.scale)
        for (let row = k * windowSize; row < (k + 1) * windowSize; row++) update(window, values, row)
        return [window]
      })
      return alarmsOf(detector, windows)
    },
  })
  return [
    on(anyFeatureAbove('KS of values, Bonferroni', baseline, ...ksBonferroni)),
    on(anyFeatureAbove('PSI > .1 of any values', baseline, ({ psi }) => psi, 0.1)),
    on(anyFeatureAbove('PSI > .2 of any values', baseline, ({ psi }) => psi, 0.2)),
  ]
}

/** Of every feature a value below all others, for those that are missing: tests of distributions know no other way. */
function valuesOfMissing({ rows }: Rows, n: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    const given = rows.filter((value, at) => at % (2 * n) === n + i && !Number.isNaN(value)).sort()
    return (given[0] ?? 0) - ((given.at(-1) ?? 1) - (given[0] ?? 0)) / 10
  })
}

/** Everything and every segment by itself, under one promise. */
function bySegment(source: DriftSource, reference: Rows): Watcher {
  const { features, adverse, segments } = source
  const slices = [undefined, ...segments.keys()].map((segment) => {
    const rows = rowsOf(source, reference, segment)
    const baseline = fitBaseline({ features, adverse, rows, slices: segments.length + 1 })
    return { name: segment === undefined ? '' : segments[segment]!, segment, baseline }
  })
  const detector = createEDetector(slices, { runLength })
  return { name: oursBySegment, alarms: (live) => alarmsOf(detector, windowsOf(source, live, slices)) }
}

function alarmsOf<State>(detector: DriftDetector<State>, moments: readonly (readonly Window[])[]): number[] {
  const alarms: number[] = []
  let state = detector.start()
  for (const windows of moments) {
    const step = detector.step(state, windows)
    state = step.state
    if (step.alarm !== undefined) alarms.push(step.alarm.window)
  }
  return alarms
}

interface Counted {
  readonly baseline: Baseline
  /** Undefined: all rows. */
  readonly segment: number | undefined
}

/** Per window of 250 explanations one count for each of `slices`. */
function windowsOf(
  { features, adverse }: DriftSource,
  { rows, segments }: Rows,
  slices: readonly Counted[],
): Window[][] {
  const rowCount = rows.length / rowWidth(features.length, adverse)
  return Array.from({ length: Math.floor(rowCount / windowSize) }, (_, k) =>
    slices.map(({ baseline, segment }) => {
      const window = openWindow(baseline.scale)
      for (let row = k * windowSize; row < (k + 1) * windowSize; row++)
        if (segment === undefined || segments[row] === segment) update(window, rows, row)
      return window
    }),
  )
}

function rowsOf(
  { features, adverse }: DriftSource,
  { rows, segments }: Rows,
  segment: number | undefined,
): Float64Array {
  if (segment === undefined) return rows
  const width = rowWidth(features.length, adverse)
  return rows.filter((_, at) => segments[Math.floor(at / width)] === segment)
}
