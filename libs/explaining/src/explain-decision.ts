import { hash } from 'node:crypto'
import type { Bundle } from '@raison/bundle'
import type { DecisionExplanation, ModelVersion, ScoredDecision } from '@raison/events'
import type { Attribution } from './describe.ts'
import { estimate, type Estimate } from './estimate.ts'
import { ExplainError } from './explain-error.ts'
import type { ExactRouteReady, OpenedBundle } from './open-bundle.ts'
import type { SampledRouteReady } from './sampling.ts'
import type { Reference } from './select-reference.ts'
import { writeRow } from './to-row.ts'

/** What one decision of a batch came to; `error` is its own, and leaves the others alone. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** A decision and where it was read: `position` makes its explanation's identity, `timestamp` (ISO 8601) its date. */
export interface DecisionAt {
  readonly decision: ScoredDecision
  readonly position: string
  readonly timestamp: string
}

export interface ExplainDeps {
  /** Undefined: no bundle of this model is in service, and the decision fails with MODEL_UNKNOWN. */
  findModel(model: ModelVersion): OpenedBundle | undefined
}

/**
 * Explains a batch, one result per decision, in order; what fails names its own decision. Decisions of one model are
 * explained together: a batch is cheaper than its decisions one by one. Throws ModelError MODEL_SCORING_FAILED, for the
 * batch as a whole, when onnxruntime does not score its rows.
 */
export async function explainDecisions(
  decisions: readonly DecisionAt[],
  deps: ExplainDeps,
): Promise<Result<DecisionExplanation>[]> {
  const results: Result<DecisionExplanation>[] = new Array(decisions.length)
  for (const [opened, indices] of groupByModel(decisions, deps, results)) {
    const batch = toRows(decisions, indices, opened, results)
    const attributions = await attribute(opened, batch, decisions)
    batch.indices.forEach((index, k) => {
      results[index] = attempt(() => opened.describe(decisions[index]!, attributions(k)))
    })
  }
  return results
}

/** Rows of the decisions at `indices`, row-major float32 in bundle order. */
interface Batch {
  readonly indices: readonly number[]
  readonly rows: Float32Array
}

function groupByModel(
  decisions: readonly DecisionAt[],
  deps: ExplainDeps,
  results: Result<DecisionExplanation>[],
): Map<OpenedBundle, number[]> {
  const groups = new Map<OpenedBundle, number[]>()
  decisions.forEach(({ decision: { model } }, index) => {
    const opened = deps.findModel(model)
    if (opened === undefined || (opened.exact ?? opened.sampled) === undefined) {
      results[index] = { ok: false, error: opened === undefined ? unknownModel(model) : notExplainable(opened) }
      return
    }
    const group = groups.get(opened)
    if (group === undefined) groups.set(opened, [index])
    else group.push(index)
  })
  return groups
}

function toRows(
  decisions: readonly DecisionAt[],
  group: readonly number[],
  { bundle, model }: OpenedBundle,
  results: Result<DecisionExplanation>[],
): Batch {
  const width = bundle.features.length
  const rows = new Float32Array(group.length * width)
  const indices: number[] = []
  for (const index of group) {
    try {
      writeRow(decisions[index]!.decision.features, bundle.features, model.acceptsMissing, rows, indices.length * width)
      indices.push(index)
    } catch (error) {
      results[index] = { ok: false, error }
    }
  }
  return { indices, rows: rows.subarray(0, indices.length * width) }
}

/** What the rows of a batch come to, by the exact route where there is one. */
function attribute(
  opened: OpenedBundle,
  batch: Batch,
  decisions: readonly DecisionAt[],
): Promise<(k: number) => Attribution> {
  return opened.exact === undefined
    ? attributeBySampling(opened, opened.sampled!, batch, decisions)
    : attributeExactly(opened, opened.exact, batch, decisions)
}

/** The only wait is for scores that the decisions do not carry and the margin does not give. */
async function attributeExactly(
  opened: OpenedBundle,
  exact: ExactRouteReady,
  { indices, rows }: Batch,
  decisions: readonly DecisionAt[],
): Promise<(k: number) => Attribution> {
  const width = opened.bundle.features.length
  const { contributions, outputs } = explainExact(exact, rows, indices.length)
  const published = indices.map((index) => decisions[index]!.decision.score !== undefined)
  const scores = await scoresOf(opened, exact, rows, outputs, published)
  const players = exact.explainer.playerCount
  return (k) => ({
    row: rows.subarray(k * width, (k + 1) * width),
    score: scores[k]!,
    output: outputs[k]!,
    baseValue: exact.explainer.baseValue,
    contributions: contributions.subarray(k * players, (k + 1) * players),
    method: exact.method,
    constant: exact.constant,
    sampled: undefined,
  })
}

async function attributeBySampling(
  { bundle, reference }: OpenedBundle,
  sampled: SampledRouteReady,
  { indices, rows }: Batch,
  decisions: readonly DecisionAt[],
): Promise<(k: number) => Attribution> {
  const width = bundle.features.length
  const seeds = indices.map((index) => seedOf(decisions[index]!, bundle, reference))
  const numbers = seeds.map((seed) => Number.parseInt(seed, 16))
  const estimates = await estimate(sampled, rows, indices.length, numbers)
  return (k) => toAttribution(sampled, rows.subarray(k * width, (k + 1) * width), estimates[k]!, seeds[k]!)
}

/** 32 bits, in hex: the same decision before the same model and reference is sampled alike, whoever explains it. */
function seedOf({ decision }: DecisionAt, { model }: Bundle, reference: Reference): string {
  return hash('sha256', JSON.stringify([decision.decisionId, model.sha256, reference.sha256]), 'hex').slice(0, 8)
}

function toAttribution(sampled: SampledRouteReady, row: Float32Array, estimated: Estimate, seed: string): Attribution {
  const { score, output, values, halfWidth, rowsScored, settled, exact } = estimated
  return {
    row,
    score,
    output,
    baseValue: sampled.baseValue,
    contributions: values,
    method: exact ? 'exact-enumeration' : sampled.method,
    constant: values.every((value) => value === 0),
    sampled: {
      halfWidth: exact ? undefined : halfWidth,
      // What it may cost, not what it did: what every decision has in common with others of its baseline.
      budget: exact ? { rows: rowsScored, seed: '' } : { rows: sampled.budgetRows, seed },
      artefactSha256: exact ? undefined : sampled.artefactSha256,
      fidelity: exact ? undefined : sampled.fidelity,
      settled: settled !== 'nothing',
    },
  }
}

/**
 * The model's score of each row. A published score is only compared, so the output says enough where the score follows from
 * it; without one the model itself is asked. Each row decides for itself: its company must not change its bytes.
 */
async function scoresOf(
  { model, bundle }: OpenedBundle,
  exact: ExactRouteReady,
  rows: Float32Array,
  outputs: Float64Array,
  published: readonly boolean[],
): Promise<Float64Array> {
  const width = bundle.features.length
  const scoreOf = scoreFromOutput(exact.link, bundle.model.explain)
  const scores = outputs.map((output) => scoreOf?.(output) ?? Number.NaN)
  const asked = published.flatMap((isPublished, k) => (isPublished && scoreOf !== undefined ? [] : [k]))
  if (asked.length === 0) return scores
  const askedRows = new Float32Array(asked.length * width)
  asked.forEach((k, at) => askedRows.set(rows.subarray(k * width, (k + 1) * width), at * width))
  const answers = await model.score(askedRows, asked.length)
  asked.forEach((k, at) => (scores[k] = answers[at]!))
  return scores
}

/** Undefined where one output does not tell the score (one class of several). */
function scoreFromOutput(link: ExactRouteReady['link'], space: string): ((output: number) => number) | undefined {
  if (link === 'identity') return (output) => output
  return link === 'logistic' || space === 'log-odds' ? sigmoid : undefined
}

/** Contributions (row-major, one per player) and outputs of `count` rows in bundle order. */
export function explainExact(
  { explainer, transform }: ExactRouteReady,
  rows: Float32Array,
  count: number,
): { contributions: Float64Array; outputs: Float64Array } {
  const inputs = transform === undefined ? rows : rows.slice()
  transform?.(inputs, count)
  const contributions = new Float64Array(count * explainer.playerCount)
  const outputs = new Float64Array(count)
  explainer.explainInto(inputs, count, contributions)
  explainer.outputsInto(inputs, count, outputs)
  return { contributions, outputs }
}

const sigmoid = (margin: number): number => 1 / (1 + Math.exp(-margin))

function attempt<T>(action: () => T): Result<T> {
  try {
    return { ok: true, value: action() }
  } catch (error) {
    return { ok: false, error }
  }
}

function unknownModel({ name, version }: ModelVersion): ExplainError {
  return new ExplainError(
    'MODEL_UNKNOWN',
    `no bundle for model ${name} ${version}: add its bundle, or correct the decision's model`,
  )
}

function notExplainable({ bundle, model }: OpenedBundle): ExplainError {
  return new ExplainError(
    'MODEL_NOT_EXPLAINABLE',
    `${bundle.model.name} ${bundle.model.version} cannot be explained in ${bundle.model.explain}: ${model.whyNotSampled ?? model.whyNotExact}`,
  )
}
