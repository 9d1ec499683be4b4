import { describeWindow, type WindowDescription } from '@raison/drift'
import { isIn, qualityKeyOf, qualityOf, rowInto } from '@raison/monitoring'
import { CliError } from '../report-error.ts'
import type { KeyedBaseline } from './baselines.ts'
import { tellDifferences } from './differences.ts'
import {
  atLine,
  modelOf,
  nothingSkipped,
  readExplanations,
  type KeyedExplanation,
  type Skipped,
} from './read-explanations.ts'
import { countRow, openWatch, toWatched, type Watch, type Watched } from './watch.ts'

export interface WatchOptions {
  /** Explanations in a window. */
  readonly window: number
  /** Windows between two false alarms, on average, at the least. */
  readonly runLength: number
  readonly byKey: boolean
}

/** What came of the explanations of one baseline: of their reasons, and beside them of their quality. */
export interface KeyResult extends Watched {
  readonly baseline: KeyedBaseline
  /** How all whole windows together differ from the reference; undefined without one. */
  readonly description: WindowDescription | undefined
  /** Undefined where the baseline does not say it. */
  readonly quality: Watched | undefined
}

export interface WatchResult {
  readonly explanations: number
  readonly skipped: Skipped
  readonly keys: readonly KeyResult[]
  /** By key. */
  readonly withoutBaseline: ReadonlyMap<string, Unwatched>
}

/** Explanations whose key has no baseline. */
export interface Unwatched {
  readonly model: string
  readonly explanations: number
}

/** Watches the explanations of a file in its order. Throws as `readExplanations`, and SEVERAL_BASELINES. */
export async function watchFile(
  file: string,
  baselines: ReadonlyMap<string, KeyedBaseline>,
  options: WatchOptions,
  tell: (explanations: number) => void,
): Promise<WatchResult> {
  const watches = new Map(Array.from(baselines, ([key, baseline]) => [key, openWatches(baseline, options)]))
  const skipped = nothingSkipped()
  const withoutBaseline = new Map<string, Unwatched>()
  let explanations = 0
  for await (const group of readExplanations(file, skipped)) {
    for (const keyed of group) {
      const place = { number: keyed.line }
      const watch = watches.get(keyed.key)
      if (isDegraded(keyed)) atLine(file, place, () => countDegraded(watches, keyed, options.window))
      else if (watch !== undefined) atLine(file, place, () => count(watch, keyed, options.window))
      else if (options.byKey) withoutBaseline.set(keyed.key, oneMore(withoutBaseline.get(keyed.key), keyed))
      else throw otherKey(file, keyed, [...baselines.values()])
    }
    explanations += group.filter((keyed) => !isDegraded(keyed)).length
    tell(explanations)
  }
  return { explanations, skipped, withoutBaseline, keys: Array.from(watches.values(), toResult) }
}
const isDegraded = ({ explanation }: KeyedExplanation): boolean => explanation.quality.degraded

function oneMore(before: Unwatched | undefined, { explanation }: KeyedExplanation): Unwatched {
  return { model: modelOf(explanation), explanations: (before?.explanations ?? 0) + 1 }
}

/** The two watches of one baseline, under one promise. */
interface Watches {
  readonly baseline: KeyedBaseline
  readonly reasons: Watch
  /** Undefined where the baseline does not say it. */
  readonly quality: Watch | undefined
  /** Of what counts for its quality, degraded or not. */
  readonly qualityKey: string | undefined
}

function openWatches(keyed: KeyedBaseline, { runLength }: WatchOptions): Watches {
  const { baseline, slices, quality, example } = keyed
  const reasons = [{ name: '', baseline }, ...slices]
  return {
    baseline: keyed,
    reasons: openWatch(reasons, { runLength, besides: quality }),
    quality: quality.length > 0 ? openWatch(quality, { runLength, besides: reasons }) : undefined,
    qualityKey: example && qualityKeyOf(example),
  }
}

function count(watches: Watches, keyed: KeyedExplanation, size: number): void {
  const { baseline, reasons } = watches
  const members = membersOf(baseline, keyed)
  rowInto(keyed.explanation, baseline.baseline.scale.features, reasons.row)
  countRow(reasons, members, keyed.line, size)
  countQuality(watches, keyed, members, size)
}

/** How it was explained is not how its model mostly is, and says nothing of the reasons. */
function countDegraded(watches: ReadonlyMap<string, Watches>, keyed: KeyedExplanation, size: number): void {
  const qualityKey = qualityKeyOf(keyed.explanation)
  for (const watch of watches.values())
    if (watch.qualityKey === qualityKey) countQuality(watch, keyed, membersOf(watch.baseline, keyed), size)
}

function countQuality(
  { quality }: Watches,
  { explanation, line }: KeyedExplanation,
  members: readonly boolean[],
  size: number,
): void {
  if (quality === undefined) return
  quality.row.set(qualityOf(explanation))
  countRow(quality, members, line, size)
}

function membersOf({ slices }: KeyedBaseline, { explanation }: KeyedExplanation): boolean[] {
  return slices.map((slice) => isIn(slice, explanation))
}

function toResult({ baseline, reasons, quality }: Watches): KeyResult {
  const watched = toWatched(reasons)
  return {
    ...watched,
    baseline,
    description: describeWindow(baseline.baseline, watched.whole),
    quality: quality && toWatched(quality),
  }
}

function otherKey(file: string, { line, explanation }: KeyedExplanation, [known]: readonly KeyedBaseline[]): CliError {
  const { method, budget } = explanation
  const { model, example } = known!
  const why =
    example === undefined
      ? 'model, reference, method, budget, artefact and space must be the same'
      : `they differ in ${tellDifferences([example, explanation])}`
  return new CliError(
    'SEVERAL_BASELINES',
    `${file}, line ${line}: an explanation of ${modelOf(explanation)} (${method}, at most ${budget.rows} rows) does not belong to the baseline of ${model}: ${why}; --by-key watches each by itself`,
  )
}
