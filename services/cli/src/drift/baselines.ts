import { fitBaseline, rowWidth, type Adverse, type Baseline } from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'
import { rowInto } from '@raison/monitoring'
import { CliError } from '../report-error.ts'
import { readLearned } from './learned-baseline.ts'
import { atLine, modelOf, nothingSkipped, readExplanations, type Skipped } from './read-explanations.ts'
import { addToParts, chooseParts, newParts, refuseUnknown, type Part, type Parts, type ValueSlice } from './slices.ts'

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
  const references = new Map<string, Reference>()
  let count = 0
  for await (const explanations of readExplanations(file, skipped)) {
    for (const { line, key, explanation } of explanations) {
      const reference = references.get(key) ?? newReference(explanation, sliceBy)
      references.set(key, reference)
      atLine(file, { number: line }, () => add(reference, explanation))
    }
    count += explanations.length
    tell(count)
  }
  if (references.size === 0)
    throw new CliError('NOTHING_TO_COMPARE', `${file} holds no explanation: explain a period in which all was well`)
  const { several = [], single = [] } = Object.groupBy(references, ([, { rowCount }]) =>
    rowCount > 1 ? 'several' : 'single',
  )
  // Where there is nothing but single explanations, that is why they are refused.
  const [fitted, left] = several.length > 0 ? [several, single] : [single, []]
  const byKey = new Map(fitted.map(([key, reference]) => [key, toBaseline(key, reference)]))
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
  return new Map([[learned.key, { ...learned, example: undefined, slices: [], leftOut: [] }]])
}

interface Reference {
  readonly example: MonitoredExplanation
  readonly features: readonly string[]
  readonly adverse: Adverse
  /** As `fitBaseline` takes them, with room for more. */
  rows: Float64Array
  rowCount: number
  readonly parts: Parts
}

const firstRows = 1024

function newReference(example: MonitoredExplanation, sliceBy: readonly string[]): Reference {
  const { adverse, contributions } = example
  return {
    example,
    features: contributions.map(({ feature }) => feature),
    adverse,
    rows: new Float64Array(firstRows * rowWidth(contributions.length, adverse)),
    rowCount: 0,
    parts: newParts(sliceBy),
  }
}

function add(reference: Reference, explanation: MonitoredExplanation): void {
  const { features, adverse, rows, rowCount } = reference
  const width = rowWidth(features.length, adverse)
  const end = (rowCount + 1) * width
  if (end > rows.length) {
    reference.rows = new Float64Array(2 * rows.length)
    reference.rows.set(rows)
  }
  rowInto(explanation, features, reference.rows.subarray(end - width, end))
  addToParts(reference.parts, explanation, rowCount)
  reference.rowCount++
}

function toBaseline(key: string, { example, features, adverse, rows, rowCount, parts }: Reference): KeyedBaseline {
  const width = rowWidth(features.length, adverse)
  const { chosen, leftOut } = chooseParts(parts)
  const slices = 1 + chosen.length
  const fit = (counted: Float64Array): Baseline => fitBaseline({ features, adverse, rows: counted, slices })
  return {
    key,
    model: modelOf(example),
    example,
    baseline: fit(rows.subarray(0, rowCount * width)),
    slices: chosen.map(({ rows: ofPart, ...part }) => ({ ...part, baseline: fit(gather(rows, ofPart, width)) })),
    leftOut,
  }
}

function gather(rows: Float64Array, numbers: readonly number[], width: number): Float64Array {
  const gathered = new Float64Array(numbers.length * width)
  numbers.forEach((row, k) => gathered.set(rows.subarray(row * width, (row + 1) * width), k * width))
  return gathered
}
