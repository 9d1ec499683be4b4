import { assertWritable, writeWhole } from '@raison/artefact-store'
import { readTraining, type Bundle } from '@raison/bundle'
import { enoughExplanations, fitBaseline, rowWidth, writeBaseline } from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'
import { drawRows, explainDecisions, openBundle, type OpenedBundle } from '@raison/explaining'
import { baselineKeyOf, rowInto } from '@raison/monitoring'
import { createRandom } from '@raison/numerics'
import type { BaselineFile } from './drift/learned-baseline.ts'

export interface LearnedBaseline {
  readonly file: string
  readonly explanations: number
}

export interface LearnSettings {
  /** In milliseconds of `performance.now()`: what is explained by then has to do. */
  readonly deadline: number
  say(progress: { readonly step: string; readonly share: number }): void
}

const seed = 20_261_122
/** Explained at once. */
const piece = 256
const leastRows = 2

/**
 * What explanations of the bundle's own training rows look like, written beside it for `raison drift` and the drift monitor:
 * 20,000 rows drawn without replacement, or all, or as many as there is time for. Answers why not, where there is none. Throws
 * ArtefactError ARTEFACT_UNWRITABLE, before the work where that is known.
 */
export async function learnBaseline(directory: string, settings: LearnSettings): Promise<LearnedBaseline | string> {
  const opened = await openBundle(directory)
  try {
    const { bundle } = opened
    const training = await readTraining(bundle)
    if (training === undefined) return 'the bundle names no training rows'
    await assertWritable(directory)
    const explanations = await explainRows(opened, training, settings)
    if (explanations.length < leastRows)
      return `${explanations.length} of its training rows could be explained by more than sampling alone`
    return await write(bundle, explanations)
  } finally {
    await opened.close()
  }
}

async function explainRows(
  opened: OpenedBundle,
  { values, rowCount }: { readonly values: Float64Array; readonly rowCount: number },
  { deadline, say }: LearnSettings,
): Promise<MonitoredExplanation[]> {
  const { features, model } = opened.bundle
  const step = 'explaining training rows for the drift baseline'
  const every = Array.from({ length: rowCount }, (_, row) => row)
  const count = Math.min(rowCount, enoughExplanations)
  const drawn = drawRows(every, count, createRandom(seed)).slice(0, count)
  const explained: MonitoredExplanation[] = []
  say({ step, share: 0 })
  for (let first = 0; first < drawn.length && (first === 0 || performance.now() < deadline); first += piece) {
    const decisions = drawn.slice(first, first + piece).map((row) => {
      const named = features.map(({ name }, j) => {
        const value = values[row * features.length + j]!
        return [name, Number.isNaN(value) ? null : value] as const
      })
      const identity = { eventId: String(row), decisionId: String(row), decidedAt: '', outcome: undefined }
      const decision = { ...identity, model, features: Object.fromEntries(named), score: undefined }
      return { decision, position: '', timestamp: '' }
    })
    const results = await explainDecisions(decisions, { findModel: () => opened })
    explained.push(...results.flatMap((result) => (result.ok && !result.value.quality.degraded ? [result.value] : [])))
    say({ step, share: Math.min(1, (first + piece) / drawn.length) })
  }
  say({ step, share: 1 })
  return explained
}

async function write(bundle: Bundle, explanations: readonly MonitoredExplanation[]): Promise<LearnedBaseline> {
  const [first] = explanations as [MonitoredExplanation]
  const features = first.contributions.map(({ feature }) => feature)
  const width = rowWidth(features.length, first.adverse)
  const rows = new Float64Array(explanations.length * width)
  explanations.forEach((explanation, row) => rowInto(explanation, features, rows.subarray(row * width)))
  const content: BaselineFile = {
    baselineKey: baselineKeyOf(first),
    model: `${bundle.model.name} ${bundle.model.version}`,
    baseline: writeBaseline(fitBaseline({ features, adverse: first.adverse, rows })),
  }
  const file = await writeWhole(bundle.directory, `drift-baseline-${content.baselineKey}.json`, JSON.stringify(content))
  return { file, explanations: explanations.length }
}
