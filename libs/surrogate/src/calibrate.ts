import { studentHalfWidth } from '@raison/numerics'
import { solveResidual, type PairPlan, type ResidualSolution } from '@raison/shapley'
import type { CalibratedBudget, Calibration } from './artefact.ts'

/** Differences f − g of the pairs of a plan, as `ResidualProblem` takes them. */
export interface MeasuredPairs {
  readonly plan: PairPlan
  readonly differences: Float64Array
}

/** A row that the fit never saw, with two independent sets of pairs. */
export interface HeldOutRow {
  /** φ(g; x). */
  readonly surrogateValues: Float64Array
  /** f(x) − E f − Σ φ(g; x). */
  readonly total: number
  /** As a decision would draw them: as many as the largest budget. */
  readonly trial: MeasuredPairs
  /** Many more, to stand for the truth. */
  readonly truth: MeasuredPairs
}

const ridges = [10, 30, 100, 300, 1000]
/** Of the pairs that stand for the truth: they are many, and hardly need one. */
const truthRidge = 30
/** Within this factor a smaller λ is as good. */
const clearlyLess = 0.995

/** Chooses λ and measures error and interval factor for each budget (model rows, ascending). At least one row. */
export function calibrate(rows: readonly HeldOutRow[], budgets: readonly number[]): Calibration {
  const noise = median(rows.map(({ trial }) => meanWeightedSquare(trial)))
  const truths = rows.map((row) => solve(row.total, row.truth, row.truth.plan.pairCount, truthRidge, noise))
  return { noise, budgets: budgets.map((budget) => calibrateBudget(rows, truths, budget, noise)) }
}

function calibrateBudget(
  rows: readonly HeldOutRow[],
  truths: readonly ResidualSolution[],
  budget: number,
  noise: number,
): CalibratedBudget {
  let best: { ridge: number; mean: number; solutions: ResidualSolution[]; errors: number[] } | undefined
  for (const ridge of ridges) {
    const solutions = rows.map(({ total, trial }) => solve(total, trial, budget / 2, ridge, noise))
    const errors = rows.map((row, r) => relativeError(row.surrogateValues, solutions[r]!.values, truths[r]!.values))
    const mean = meanUpTo(errors, quantile(errors, 0.9))
    if (best === undefined || mean < best.mean * clearlyLess) best = { ridge, mean, solutions, errors }
  }
  const { ridge, solutions, errors } = best!
  return { rows: budget, ridge, factor: intervalFactor(solutions, truths), error: median(errors) }
}

function solve(
  total: number,
  { plan, differences }: MeasuredPairs,
  pairCount: number,
  ridge: number,
  noise: number,
): ResidualSolution {
  return solveResidual({ plan, pairCount: Math.min(pairCount, plan.pairCount), differences, total, ridge, noise })
}

/** 95 % of the contributions lie within so many half widths: conformal prediction over rows and players. */
function intervalFactor(solutions: readonly ResidualSolution[], truths: readonly ResidualSolution[]): number {
  const scores: number[] = []
  solutions.forEach(({ values, standardErrors, degreesOfFreedom }, r) => {
    const truth = truths[r]!
    const quantile = studentHalfWidth(0.95, degreesOfFreedom)
    values.forEach((value, i) => {
      const spread = Math.hypot(standardErrors[i]!, truth.standardErrors[i]!)
      if (spread > 0) scores.push(Math.abs(value - truth.values[i]!) / (quantile * spread))
    })
  })
  return scores.length === 0 ? 1 : quantile(scores, 0.95)
}

function relativeError(base: Float64Array, values: Float64Array, truth: Float64Array): number {
  let [error, size] = [0, 0]
  values.forEach((value, i) => {
    error += (value - truth[i]!) ** 2
    size += (base[i]! + truth[i]!) ** 2
  })
  return error === 0 ? 0 : error / size
}

function meanWeightedSquare({ plan, differences }: MeasuredPairs): number {
  let sum = 0
  for (let k = 0; k < plan.pairCount; k++) sum += plan.weights[k]! * differences[k]! ** 2
  return plan.pairCount === 0 ? 0 : sum / plan.pairCount
}

/** Outliers count as much as the bound. */
function meanUpTo(values: readonly number[], bound: number): number {
  return values.reduce((sum, value) => sum + Math.min(value, bound), 0) / values.length
}

const median = (values: readonly number[]): number => quantile(values, 0.5)

/** Linear between order statistics. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!)
}
