import { createRandom, studentHalfWidth } from '@raison/numerics'
import type { SampledRoute } from '@raison/model-runtime'
import {
  hybridRowsInto,
  kernelShap,
  meanOverBackgroundInto,
  pairRowsInto,
  planPairs,
  settledTop,
  solveResidual,
  type Background,
  type PairPlan,
  type Players,
  type Settled,
} from '@raison/shapley'
import { mostAdverse, type Calibration, type Surrogate } from '@raison/surrogate'

/** A model that is explained by asking it: the black box, what stands in for it, and how far that may be trusted. */
export interface Sampling {
  readonly route: SampledRoute
  readonly background: Background
  readonly players: Players
  /** Mean output over the background. */
  readonly baseValue: number
  /** Undefined: nothing is fitted yet, and sampling is alone. */
  readonly surrogate: Surrogate | undefined
  readonly calibration: Calibration
  /** Model rows of one decision at most, beside its own. */
  readonly budgetRows: number
  readonly adverseSign: 1 | -1
}

export interface Estimate {
  /** f(x) and the model's score. */
  readonly output: number
  readonly score: number
  /** One per player; they sum to output − baseValue. */
  readonly values: Float64Array
  /** Half width of the 95 % interval of a sum of players' contributions; 0 when every coalition was asked. */
  halfWidth(players: readonly number[]): number
  readonly rowsScored: number
  /** What is certain of the four most adverse players, beyond the error of sampling. */
  readonly settled: Settled
  /** Every coalition was asked over the whole background. */
  readonly exact: boolean
}

/** Rows that go to the model in one call: buffers of a few megabytes, whatever the batch. */
const rowsPerCall = 16_384

/**
 * Contributions of `count` rows (row-major), each from its own seed alone: neither the other rows nor the number of workers
 * change its bytes. Rows of all decisions share the calls of the model. A decision stops at the first budget looked at that
 * settles its reasons and their order. Throws ModelError MODEL_SCORING_FAILED.
 */
export async function estimate(
  sampling: Sampling,
  rows: Float32Array,
  count: number,
  seeds: readonly number[],
): Promise<Estimate[]> {
  const { route, players } = sampling
  const { scores, outputs } = await route.scoresAndOutputs(rows.slice(0, count * players.ofFeature.length), count)
  const decisions = seeds.slice(0, count).map((seed, k) => {
    const row = rows.subarray(k * players.ofFeature.length, (k + 1) * players.ofFeature.length)
    return { row, seed, score: scores[k]!, output: outputs[k]! }
  })
  const answer = isEnumerated(sampling) ? enumerateAll : samplePairs
  const estimates: Estimate[] = []
  for (let first = 0; first < decisions.length; first += decisionsAtOnce)
    estimates.push(...(await answer(sampling, decisions.slice(first, first + decisionsAtOnce))))
  return estimates
}

/** Every coalition over the whole background costs no more than the budget: nothing is estimated. */
export function isEnumerated({ players, background, budgetRows }: Omit<Sampling, 'surrogate'>): boolean {
  return (2 ** players.count - 2) * background.rowCount <= budgetRows
}

/** What is held of them is a plan each: a few hundred kilobytes. */
const decisionsAtOnce = 64

interface Asked {
  readonly row: Float32Array
  readonly seed: number
  readonly score: number
  readonly output: number
}

async function enumerateAll(sampling: Sampling, decisions: readonly Asked[]): Promise<Estimate[]> {
  const { players, background, baseValue } = sampling
  const plan = kernelShap.plan(players.count, 2 ** players.count, createRandom(0))
  const rowsEach = plan.coalitionCount * background.rowCount
  const outputs = await ask(
    sampling,
    decisions.map(({ row }) => ({
      rowCount: rowsEach,
      write: (out) => hybridRowsInto(plan, players, row, background, out),
    })),
  )
  return decisions.map(({ output, score }, k) => {
    // Above the base value: what is the same everywhere is exactly 0.
    const above = outputs[k]!.map((each) => each - baseValue)
    const means = new Float64Array(plan.coalitionCount)
    meanOverBackgroundInto(above, background.rowCount, means)
    const { values } = kernelShap.solve(plan, means, 0, output - baseValue)
    return { output, score, values, halfWidth: () => 0, rowsScored: rowsEach, settled: 'order', exact: true }
  })
}

/** A decision on its way through the budgets. */
interface Sampled extends Asked {
  readonly plan: PairPlan
  /** φ(g; x). */
  readonly surrogateValues: Float64Array
  /** f(x) − E f − Σ φ(g; x). */
  readonly total: number
  /** f − g of the pairs asked so far. */
  readonly differences: Float64Array
  estimate: Estimate | undefined
}

async function samplePairs(sampling: Sampling, decisions: readonly Asked[]): Promise<Estimate[]> {
  const sampled = decisions.map((asked) => beginSampling(sampling, asked))
  let from = 0
  for (const budget of stagesOf(sampling)) {
    const open = sampled.filter(({ estimate }) => estimate?.settled !== 'order')
    if (open.length === 0) break
    const to = budget.rows / 2
    await askPairs(sampling, open, from, to)
    for (const decision of open) decision.estimate = solve(sampling, decision, to, budget)
    from = to
  }
  return sampled.map(({ estimate }) => estimate!)
}

/** Every other budget up to the largest: looking costs a millisecond, as much as a few hundred rows. */
function stagesOf({ calibration, budgetRows }: Sampling): Calibration['budgets'] {
  const within = calibration.budgets.filter(({ rows }) => rows <= budgetRows)
  return within.filter((_, b) => (within.length - 1 - b) % 2 === 0)
}

function beginSampling({ players, background, baseValue, surrogate, budgetRows }: Sampling, asked: Asked): Sampled {
  const pairCount = budgetRows / 2
  const random = createRandom(asked.seed)
  const plan = planPairs({ playerCount: players.count, referenceCount: background.rowCount, pairCount }, random)
  const surrogateValues = new Float64Array(players.count)
  surrogate?.explainInto(asked.row, 1, surrogateValues)
  const total = asked.output - baseValue - surrogateValues.reduce((sum, value) => sum + value, 0)
  return { ...asked, plan, surrogateValues, total, differences: new Float64Array(plan.pairCount), estimate: undefined }
}

/** Fills the differences of pairs `from` … `to` − 1. */
async function askPairs(sampling: Sampling, decisions: readonly Sampled[], from: number, to: number): Promise<void> {
  const { players, background, surrogate } = sampling
  const outputs = await ask(
    sampling,
    decisions.map(({ plan, row }) => ({
      rowCount: 2 * (to - from),
      write: (out) => pairRowsInto(plan, from, to, players, row, background, out),
    })),
  )
  decisions.forEach(({ plan, row, differences }, k) => {
    const these = differences.subarray(from, to)
    surrogate?.pairDifferencesInto(row, pairsOf(plan, from, to), these)
    for (let i = 0; i < to - from; i++) these[i] = outputs[k]![2 * i]! - outputs[k]![2 * i + 1]! - these[i]!
  })
}

function pairsOf(plan: PairPlan, from: number, to: number): PairPlan {
  return {
    playerCount: plan.playerCount,
    pairCount: to - from,
    coalitions: plan.coalitions.subarray(from * plan.playerCount, to * plan.playerCount),
    referenceRows: plan.referenceRows.subarray(from, to),
    weights: plan.weights.subarray(from, to),
  }
}

interface Question {
  readonly rowCount: number
  /** Writes the question's rows at the beginning of `out`. */
  write(out: Float32Array): void
}

/** The model's outputs for each question, as many questions in a call as `rowsPerCall` takes. */
async function ask({ route, players }: Sampling, questions: readonly Question[]): Promise<Float64Array[]> {
  const width = players.ofFeature.length
  const answers: Float64Array[] = []
  for (let first = 0; first < questions.length;) {
    let last = first
    let rowCount = 0
    while (last < questions.length && (last === first || rowCount + questions[last]!.rowCount <= rowsPerCall))
      rowCount += questions[last++]!.rowCount
    const rows = new Float32Array(rowCount * width)
    let at = 0
    for (let k = first; k < last; at += questions[k++]!.rowCount) questions[k]!.write(rows.subarray(at * width))
    const outputs = await route.outputs(rows, rowCount)
    at = 0
    for (let k = first; k < last; k++) answers.push(outputs.subarray(at, (at += questions[k]!.rowCount)))
    first = last
  }
  return answers
}

function solve(
  { players, calibration: { noise }, adverseSign }: Sampling,
  { plan, differences, total, surrogateValues, output, score }: Sampled,
  pairCount: number,
  { ridge, factor, reasonFactor = factor }: Calibration['budgets'][number],
): Estimate {
  const common = { output, score, rowsScored: 2 * pairCount, exact: false }
  if (!areFinite(differences, pairCount) || !Number.isFinite(total)) return { ...common, ...notNumbers(players) }
  const solution = solveResidual({ plan, pairCount, differences, total, ridge, noise })
  const { covariance, degreesOfFreedom } = solution
  const values = surrogateValues.map((value, i) => value + solution.values[i]!)
  const theory = quantileOf(degreesOfFreedom)
  const reasons = mostAdverse(values, adverseSign)
  const factorOf = (of: readonly number[]): number => (of.some((i) => reasons.includes(i)) ? reasonFactor : factor)
  return {
    ...common,
    values,
    halfWidth: (of) => factorOf(of) * theory * Math.sqrt(Math.max(0, sumOf(covariance, players.count, of))),
    settled: settledTop({ values, covariance, halfWidth: reasonFactor * theory, adverseSign }),
  }
}

/** The model answered no number somewhere between the decision and the reference: there is nothing to solve. */
function notNumbers({ count }: Players): Pick<Estimate, 'values' | 'halfWidth' | 'settled'> {
  return { values: new Float64Array(count).fill(Number.NaN), halfWidth: () => Number.NaN, settled: 'order' }
}

function areFinite(values: Float64Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** Variance of a sum: every entry of the covariance among its terms. */
function sumOf(covariance: Float64Array, n: number, of: readonly number[]): number {
  let sum = 0
  for (const i of of) for (const j of of) sum += covariance[i * n + j]!
  return sum
}

const quantiles = new Map<number, number>()

/** There are as many degrees of freedom as budgets. */
function quantileOf(degreesOfFreedom: number): number {
  const known = quantiles.get(degreesOfFreedom) ?? studentHalfWidth(0.95, degreesOfFreedom)
  quantiles.set(degreesOfFreedom, known)
  return known
}
