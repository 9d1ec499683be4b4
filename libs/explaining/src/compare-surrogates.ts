import type { Random } from '@raison/numerics'
import { pairRowsInto, planPairs, type PairPlan, type Players } from '@raison/shapley'
import {
  calibrate,
  exactNodeCount,
  prepareSurrogate,
  type Calibration,
  type FittedSurrogate,
  type HeldOutRow,
  type MeasuredPairs,
  type Source,
  type Surrogate,
} from '@raison/surrogate'
import { estimate } from './estimate.ts'
import { assertFinite } from './held-out.ts'
import { kindOf, type SampledRouteReady } from './sampling.ts'

/** A surrogate with what it costs and how well it does. */
export interface Candidate {
  /** `cosine`, `cosine+trees` or `trees`. */
  readonly kind: string
  readonly surrogate: FittedSurrogate
  readonly calibration: Calibration
  readonly budgetRows: number
  /** Of the error at that budget: median |φ̂ − φ|² / |φ|². */
  readonly error: number
  /** Per budget of the calibration, of one decision on one core, all of its rows scored. */
  readonly milliseconds: readonly number[]
}

/** Model rows of one decision. Below 256 the intervals are too narrow to be offered. */
const budgets = [256, 512, 1024, 2048, 4096]
const truthPairs = 2048
const timedDecisions = 15
const warmUp = 10

/** Candidates by their error within the time for one decision, the best first; the fastest first when none is fast enough. */
export async function compareSurrogates(
  sampled: SampledRouteReady,
  fitted: readonly FittedSurrogate[],
  heldOut: Source,
  milliseconds: number,
  random: Random,
  tell: (share: number) => void,
): Promise<Candidate[]> {
  const asked = await askAll(sampled, heldOut, random)
  const candidates: Candidate[] = []
  for (const surrogate of fitted) {
    tell((candidates.length + 1) / (fitted.length + 2))
    candidates.push(await measure(sampled, surrogate, heldOut, asked, milliseconds))
  }
  return candidates.sort((a, b) => costOf(a, milliseconds) - costOf(b, milliseconds) || a.error - b.error)
}

/** Zero for a candidate within the time. */
function costOf({ milliseconds: measured, budgetRows }: Candidate, most: number): number {
  return Math.max(0, measured[budgets.indexOf(budgetRows)]! - most)
}

/** The model's part of every held-out row: it is the same for all candidates. */
interface AskedRow {
  readonly output: number
  readonly trial: MeasuredPairs
  readonly truth: MeasuredPairs
}

async function askAll(
  { route, players, background }: SampledRouteReady,
  { rows, rowCount }: Source,
  random: Random,
): Promise<AskedRow[]> {
  const outputs = assertFinite(await route.outputs(rows.slice(), rowCount))
  const width = players.ofFeature.length
  const ask = async (row: Float32Array, pairCount: number): Promise<MeasuredPairs> => {
    const plan = planPairs({ playerCount: players.count, referenceCount: background.rowCount, pairCount }, random)
    const pairRows = new Float32Array(2 * plan.pairCount * width)
    pairRowsInto(plan, 0, plan.pairCount, players, row, background, pairRows)
    const answers =
      plan.pairCount === 0 ? new Float64Array() : assertFinite(await route.outputs(pairRows, 2 * plan.pairCount))
    return {
      plan,
      differences: Float64Array.from({ length: plan.pairCount }, (_, k) => answers[2 * k]! - answers[2 * k + 1]!),
    }
  }
  const asked: AskedRow[] = []
  for (let k = 0; k < rowCount; k++) {
    const row = rows.subarray(k * width, (k + 1) * width)
    asked.push({ output: outputs[k]!, trial: await ask(row, budgets.at(-1)! / 2), truth: await ask(row, truthPairs) })
  }
  return asked
}

async function measure(
  sampled: SampledRouteReady,
  fitted: FittedSurrogate,
  heldOut: Source,
  asked: readonly AskedRow[],
  most: number,
): Promise<Candidate> {
  const surrogate = prepareSurrogate(fitted, sampled.background, sampled.players)
  const exact = prepareSurrogate(withEveryNode(fitted, sampled.players), sampled.background, sampled.players)
  const calibration = calibrate(heldOutRows(sampled, surrogate, exact, heldOut, asked), budgets)
  const milliseconds: number[] = []
  for (const { rows } of calibration.budgets)
    milliseconds.push(await timeOne({ ...sampled, surrogate, calibration, budgetRows: rows }, heldOut))
  const within = calibration.budgets.filter((_, b) => milliseconds[b]! <= most)
  const chosen = within.length === 0 ? calibration.budgets[0]! : within.reduce((a, b) => (b.error < a.error ? b : a))
  return {
    kind: kindOf(fitted),
    surrogate: fitted,
    calibration,
    budgetRows: chosen.rows,
    error: chosen.error,
    milliseconds,
  }
}

/** The same surrogate, its contributions without the error of few quadrature nodes. */
function withEveryNode({ cosine, trees }: FittedSurrogate, players: Players): FittedSurrogate {
  return { cosine: cosine && { ...cosine, nodeCount: exactNodeCount(players) }, trees }
}

function heldOutRows(
  { players, baseValue, background }: SampledRouteReady,
  surrogate: Surrogate,
  exact: Surrogate,
  { rows }: Source,
  asked: readonly AskedRow[],
): HeldOutRow[] {
  const width = background.rows.length / background.rowCount
  return asked.map(({ output, trial, truth }, k) => {
    const row = rows.subarray(k * width, (k + 1) * width)
    const surrogateValues = new Float64Array(players.count)
    const exactValues = new Float64Array(players.count)
    surrogate.explainInto(row, 1, surrogateValues)
    exact.explainInto(row, 1, exactValues)
    const pairs = { trial: less(surrogate, row, trial), truth: less(surrogate, row, truth) }
    return { surrogateValues, exactValues, total: output - baseValue, ...pairs }
  })
}

function less(surrogate: Surrogate, row: Float32Array, { plan, differences }: MeasuredPairs): MeasuredPairs {
  const own = new Float64Array(plan.pairCount)
  surrogate.pairDifferencesInto(row, plan as PairPlan, own)
  return { plan, differences: differences.map((difference, k) => difference - own[k]!) }
}

/**
 * Median milliseconds of one decision alone, with every row of its budget: processor time of all threads, so that other work
 * on the machine does not choose the surrogate.
 */
async function timeOne(sampled: SampledRouteReady, { rows, rowCount }: Source): Promise<number> {
  const width = sampled.players.ofFeature.length
  // One budget only, and never settled before it: the whole of it is scored.
  const budget = sampled.calibration.budgets.find(({ rows: budgetRows }) => budgetRows === sampled.budgetRows)!
  const whole = { ...sampled, calibration: { ...sampled.calibration, budgets: [budget] } }
  const times: number[] = []
  for (let k = 0; k < warmUp + timedDecisions; k++) {
    const row = rows.subarray((k % rowCount) * width, ((k % rowCount) + 1) * width)
    const before = process.cpuUsage()
    await estimate(whole, row, 1, [k])
    const { user, system } = process.cpuUsage(before)
    times.push((user + system) / 1000)
  }
  const sorted = times.slice(warmUp).sort((a, b) => a - b)
  return sorted[sorted.length >> 1]!
}
