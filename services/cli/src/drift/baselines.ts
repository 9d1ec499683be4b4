import { open, readFile, stat } from 'node:fs/promises'
import {
  DriftError,
  fitBaseline,
  readBaseline,
  rowWidth,
  type Adverse,
  type Baseline,
  type BaselineRecord,
} from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'
import { rowInto } from '@raison/monitoring'
import { z } from 'zod'
import { CliError } from '../report-error.ts'
import { atLine, nothingSkipped, readExplanations, type Skipped } from './read-explanations.ts'

/** What explanations of one key are compared with. */
export interface KeyedBaseline {
  readonly key: string
  /** Of the explanations; empty where a file does not say it. */
  readonly model: string
  readonly baseline: Baseline
}

export interface Baselines {
  readonly byKey: ReadonlyMap<string, KeyedBaseline>
  /** The models of further keys, each with a single explanation, which is no baseline. */
  readonly single: readonly string[]
  readonly skipped: Skipped
}

/** A baseline that `raison fit` has learned. */
export interface BaselineFile {
  readonly baselineKey: string
  readonly model: string
  readonly baseline: BaselineRecord
}

/**
 * The baselines of a file: what `raison fit` has learned, or explanations, of which each key has one. Throws DriftError,
 * MonitoringError or CliError.
 */
export async function readBaselines(file: string): Promise<Baselines> {
  const learned = await readLearned(file)
  if (learned !== undefined) return { byKey: new Map([[learned.key, learned]]), single: [], skipped: nothingSkipped() }
  const skipped = nothingSkipped()
  const references = new Map<string, Reference>()
  for await (const explanations of readExplanations(file, skipped))
    for (const { line, key, explanation } of explanations) {
      const reference = references.get(key) ?? newReference(explanation)
      references.set(key, reference)
      atLine(file, { number: line }, () => add(reference, explanation))
    }
  if (references.size === 0)
    throw new CliError('NOTHING_TO_COMPARE', `${file} holds no explanation: explain a period in which all was well`)
  const { several = [], single = [] } = Object.groupBy(references, ([, { rowCount }]) =>
    rowCount > 1 ? 'several' : 'single',
  )
  // Where there is nothing but single explanations, that is why they are refused.
  const [fitted, left] = several.length > 0 ? [several, single] : [single, []]
  return {
    byKey: new Map(fitted.map(([key, reference]) => [key, toBaseline(key, reference)])),
    single: left.map(([, { model }]) => model),
    skipped,
  }
}

/** Undefined for a file of lines. */
async function readLearned(file: string): Promise<KeyedBaseline | undefined> {
  if (!(await beginsAsLearned(file))) return undefined
  const { baselineKey, model, baseline } = parseLearned(file, await readFile(file, 'utf8'))
  return { key: baselineKey, model, baseline: readBaseline(baseline) }
}

const numbers = z.array(z.number())
const landmarks = z.array(z.number().nullable())
const names = z.string()
const learnedShape: z.ZodType<BaselineFile> = z.object({
  baselineKey: names,
  model: names,
  baseline: z.object({
    features: z.array(names),
    adverse: z.enum(['high', 'low']),
    low: numbers,
    high: numbers,
    usual: landmarks,
    lowest: landmarks.optional(),
    highest: landmarks.optional(),
    resolution: z.number(),
    bounds: numbers,
    constant: numbers,
    reference: z.object({
      explanations: z.number(),
      statistics: z.array(
        z.object({
          feature: names,
          statistic: z.enum([
            'share',
            'signed-share',
            'top-four',
            'usual-value',
            'lowest-tenth',
            'highest-tenth',
            'sketch',
          ]),
          low: z.number(),
          high: z.number(),
          binCount: z.number(),
          bins: numbers,
          counts: numbers,
        }),
      ),
    }),
  }),
})

function parseLearned(file: string, text: string): BaselineFile {
  try {
    return learnedShape.parse(JSON.parse(text))
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const what = issue === undefined ? 'it is not whole' : `${issue.path.join('.')}: ${issue.message}`
    throw new DriftError('BASELINE_INVALID', `${file} is no baseline that raison fit has written: ${what}`)
  }
}

const learnedBegins = '{"baselineKey":'

/** A pipe can be read only once, and holds lines. */
async function beginsAsLearned(file: string): Promise<boolean> {
  if (!(await stat(file)).isFile()) return false
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(learnedBegins.length), 0, learnedBegins.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === learnedBegins
  } finally {
    await handle.close()
  }
}

interface Reference {
  readonly model: string
  readonly features: readonly string[]
  readonly adverse: Adverse
  /** As `fitBaseline` takes them, with room for more. */
  rows: Float64Array
  rowCount: number
}

const firstRows = 1024

function newReference({ model, adverse, contributions }: MonitoredExplanation): Reference {
  return {
    model: `${model.name} ${model.version}`,
    features: contributions.map(({ feature }) => feature),
    adverse,
    rows: new Float64Array(firstRows * rowWidth(contributions.length, adverse)),
    rowCount: 0,
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
  reference.rowCount++
}

function toBaseline(key: string, { model, features, adverse, rows, rowCount }: Reference): KeyedBaseline {
  const counted = rows.subarray(0, rowCount * rowWidth(features.length, adverse))
  return { key, model, baseline: fitBaseline({ features, adverse, rows: counted }) }
}
