import { fitBaseline, watchedCount, type Baseline, type Slice } from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'
import { fitQuality, joinValues, qualityNames } from '@raison/monitoring'
import { CliError } from '../report-error.ts'
import { readLearned } from './learned-baseline.ts'
import { atLine, modelOf, nothingSkipped, readExplanations, type Skipped } from './read-explanations.ts'
import { addTo, newReferences, qualitiesOf, type Reference, type References } from './references.ts'
import { valuesOf } from './rows.ts'
import { chooseParts, refuseUnknown, type Part, type ValueSlice } from './slices.ts'

/** What explanations of one key are compared with. */
export interface KeyedBaseline {
  readonly key: string
  /** Of the explanations; empty where a file does not say it. */
  readonly model: string
  /** The first of its explanations; undefined where a file has none. */
  readonly example: MonitoredExplanation | undefined
  readonly baseline: Baseline
  readonly slices: readonly ValueSlice[]
  /** What would have been slices, were it more frequent. */
  readonly leftOut: readonly Part[]
  /** How well all of them could be explained, then those of each slice; none where a file does not say it. */
  readonly quality: readonly Slice[]
}

export interface Baselines {
  readonly byKey: ReadonlyMap<string, KeyedBaseline>
  /** The explanations of further keys, one of each, which is no baseline. */
  readonly single: readonly MonitoredExplanation[]
  readonly skipped: Skipped
}

/**
 * The baselines of a file: what `raison fit` has learned, or explanations, of which each key has one, with a slice for the values
 * of each feature of `sliceBy`. Throws DriftError, MonitoringError or CliError.
 */
export async function readBaselines(
  file: string,
  sliceBy: readonly string[],
  tell: (explanations: number) => void,
): Promise<Baselines> {
  const learned = await readLearned(file)
  if (learned !== undefined) return { byKey: ofLearned(file, learned, sliceBy), single: [], skipped: nothingSkipped() }
  const skipped = nothingSkipped()
  const references = newReferences(sliceBy)
  let count = 0
  for await (const explanations of readExplanations(file, skipped)) {
    for (const keyed of explanations) atLine(file, { number: keyed.line }, () => addTo(references, keyed))
    count += explanations.length
    tell(count)
  }
  if (references.byKey.size === 0)
    throw new CliError('NOTHING_TO_COMPARE', `${file} holds no explanation: explain a period in which all was well`)
  const { several = [], single = [] } = Object.groupBy(references.byKey, ([, { reasons }]) =>
    reasons.count > 1 ? 'several' : 'single',
  )
  // Where there is nothing but single explanations, that is why they are refused.
  const [fitted, left] = several.length > 0 ? [several, single] : [single, []]
  const byKey = new Map(fitted.map(([key, reference]) => [key, toBaseline(key, reference, references)]))
  refuseUnknown(file, sliceBy, [...byKey.values()])
  return { byKey, single: left.map(([, { example }]) => example), skipped }
}

function ofLearned(
  file: string,
  learned: Pick<KeyedBaseline, 'key' | 'model' | 'baseline'>,
  sliceBy: readonly string[],
): Baselines['byKey'] {
  if (sliceBy.length > 0)
    throw new CliError(
      'SLICE_UNKNOWN',
      `${file} is a baseline that raison fit has learned, which has no slices: with --slice, --baseline names a file of explanations`,
    )
  return new Map([[learned.key, { ...learned, example: undefined, slices: [], leftOut: [], quality: [] }]])
}

function toBaseline(key: string, reference: Reference, references: References): KeyedBaseline {
  const { example, features, adverse, reasons } = reference
  const { chosen, leftOut } = chooseParts(reasons.parts)
  const qualities = qualitiesOf(references, reference)
  // Of the chance that a bound does not hold every statistic has the same part, as every bet has of the error budget.
  const slices = 1 + chosen.length
  const ofReasons = slices * watchedCount({ features, adverse })
  const ofQuality = slices * watchedCount({ features: qualityNames, adverse: undefined })
  const fitReasons = (part?: Part): Baseline =>
    fitBaseline({ features, adverse, rows: valuesOf(reasons, part), slices, besides: ofQuality })
  const fitQualityOf = (part?: Part): Baseline =>
    fitQuality(qualityNames, joinValues(qualities.map((rows) => valuesOf(rows, part))), { slices, besides: ofReasons })
  return {
    key,
    model: modelOf(example),
    example,
    baseline: fitReasons(),
    slices: chosen.map((part) => ({ ...part, baseline: fitReasons(part) })),
    leftOut,
    quality: [
      { name: '', baseline: fitQualityOf() },
      ...chosen.map((part) => ({ name: part.name, baseline: fitQualityOf(part) })),
    ],
  }
}
