export { isOutdated, readBaseline, writeBaseline, type BaselineRecord } from './baseline/baseline-record.ts'
export { enoughExplanations, type Baseline, type Direction } from './baseline/baseline.ts'
export { fitBaseline, fitValueBaseline, type Reference, type ValueReference } from './baseline/fit-baseline.ts'
export type { Alarm, DriftDetector, Responsible, Step } from './drift-detector.ts'
export { DriftError, driftErrorCodes, type DriftErrorCode } from './drift-error.ts'
export { createEDetector, type EDetector, type EDetectorOptions, type Evidence } from './evidence/e-detector.ts'
export type { EvidenceState } from './evidence/evidence-state.ts'
export type { Part } from './evidence/responsible.ts'
export type { Slice } from './evidence/slice.ts'
export { firstOfTexts, isOfValues, isSo, type Landmarks } from './statistics/landmarks.ts'
export { watchedCount, type Scale } from './statistics/scale.ts'
export { rowWidth, statisticsOf, type Adverse, type StatisticName } from './statistics/statistics.ts'
export {
  readWindow,
  writeWindow,
  type HistogramRecord,
  type RecordedName,
  type WindowRecord,
} from './window/window-record.ts'
export { histogram, merge, openWindow, update, type Window } from './window/window.ts'
export {
  adwin,
  adwinDefaults,
  adwinStart,
  type AdwinOptions,
  type AdwinState,
  type AdwinStep,
} from './comparison/adwin.ts'
export {
  adwinPerFeature,
  anyFeatureAbove,
  pageHinkleyPerFeature,
  windowBelow,
  type CountedState,
  type PerFeatureState,
} from './comparison/comparison-detectors.ts'
export {
  pageHinkley,
  pageHinkleyStart,
  type PageHinkleyOptions,
  type PageHinkleyState,
  type PageHinkleyStep,
} from './comparison/page-hinkley.ts'
export { describeWindow, type FeatureDescription, type WindowDescription } from './description/describe-window.ts'
export type { Distances } from './description/distances.ts'
export { contributionQuantiles, meanAbsolute, momentsOf, type Moments } from './description/moments.ts'
export {
  compareBaselines,
  type BaselineComparison,
  type FeatureComparison,
  type FeatureSummary,
} from './description/compare-baselines.ts'
