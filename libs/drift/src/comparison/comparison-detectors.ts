import type { Baseline, Direction } from '../baseline/baseline.ts'
import { describeWindow, type FeatureDescription, type WindowDescription } from '../description/describe-window.ts'
import { momentsOf } from '../description/moments.ts'
import type { Alarm, DriftDetector, Responsible } from '../drift-detector.ts'
import { adwin, adwinStart, type AdwinOptions, type AdwinState } from './adwin.ts'
import { pageHinkley, pageHinkleyStart, type PageHinkleyOptions, type PageHinkleyState } from './page-hinkley.ts'

/** Detectors that others use, on the same windows (the first of `windows`), for comparison. None of them promises a run length. */
export interface CountedState {
  readonly windows: number
}

type FeatureMeasure = (feature: FeatureDescription) => number
type WindowMeasure = (description: WindowDescription) => number

/** An alarm when the measure of any feature exceeds the limit in one window, as KS or PSI are used. */
export function anyFeatureAbove(
  name: string,
  baseline: Baseline,
  measure: FeatureMeasure,
  limit: number,
): DriftDetector<CountedState> {
  return fromDescription(name, baseline, ({ features }) =>
    features.flatMap((feature) => {
      const evidence = measure(feature)
      return evidence > limit ? [{ feature, evidence }] : []
    }),
  )
}

/** An alarm when a measure of the whole window falls below the limit, as nDCG and rank correlation are used. */
export function windowBelow(
  name: string,
  baseline: Baseline,
  measure: WindowMeasure,
  limit: number,
): DriftDetector<CountedState> {
  return fromDescription(name, baseline, (description) =>
    measure(description) < limit
      ? description.features.map((feature) => ({
          feature,
          evidence: Math.abs(feature.importance - feature.referenceImportance),
        }))
      : [],
  )
}

interface Found {
  readonly feature: FeatureDescription
  readonly evidence: number
}

function fromDescription(
  name: string,
  baseline: Baseline,
  find: (description: WindowDescription) => readonly Found[],
): DriftDetector<CountedState> {
  return {
    name,
    start: () => ({ windows: 0 }),
    step: ({ windows: number }, [window]) => {
      const description = describeWindow(baseline, window!)
      const features = (description === undefined ? [] : find(description)).map(({ feature, evidence }) =>
        responsible(
          feature.feature,
          feature.importance > feature.referenceImportance ? 'up' : 'down',
          evidence,
          number,
        ),
      )
      return { state: { windows: number + 1 }, alarm: alarmOf(number, features) }
    },
  }
}

export interface PerFeatureState<State> extends CountedState {
  readonly features: readonly State[]
}

/** ADWIN on every feature's mean share of each window. */
export function adwinPerFeature(baseline: Baseline, options: AdwinOptions): DriftDetector<PerFeatureState<AdwinState>> {
  return perFeature('ADWIN', baseline, adwinStart, (state, value) => {
    const { state: next, cut } = adwin(state, value, options)
    return [next, cut]
  })
}

/** Page–Hinkley on every feature's mean share of each window. */
export function pageHinkleyPerFeature(
  baseline: Baseline,
  options: PageHinkleyOptions,
): DriftDetector<PerFeatureState<PageHinkleyState>> {
  return perFeature('Page–Hinkley', baseline, pageHinkleyStart, (state, value) => {
    const { state: next, change } = pageHinkley(state, value, options)
    return [next, change]
  })
}

function perFeature<State>(
  name: string,
  { scale, reference }: Baseline,
  start: State,
  take: (state: State, value: number) => readonly [State, Direction | undefined],
): DriftDetector<PerFeatureState<State>> {
  return {
    name,
    start: () => ({ windows: 0, features: scale.features.map(() => start) }),
    step: ({ windows: number, features }, [window]) => {
      if (window!.explanations === 0) return { state: { windows: number + 1, features }, alarm: undefined }
      const means = features.map((_, i) => momentsOf(window!, 'share', i)!.mean)
      const taken = features.map((state, i) => take(state, means[i]!))
      const found = taken.flatMap(([, direction], i) =>
        direction === undefined
          ? []
          : [
              responsible(
                scale.features[i]!,
                direction,
                Math.abs(means[i]! - momentsOf(reference, 'share', i)!.mean),
                number,
              ),
            ],
      )
      return {
        state: { windows: number + 1, features: taken.map(([state]) => state) },
        alarm: alarmOf(number, found),
      }
    },
  }
}

function responsible(feature: string, direction: Direction, evidence: number, since: number): Responsible {
  return { feature, slice: '', statistic: 'share', direction, evidence, since }
}

function alarmOf(window: number, found: readonly Responsible[]): Alarm | undefined {
  const features = found.toSorted((one, other) => other.evidence - one.evidence)
  if (features[0] === undefined) return undefined
  return { window, since: window, evidence: features[0].evidence, features }
}
