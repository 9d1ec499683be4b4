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
  /** φ(g; x) as a decision computes it, with few quadrature nodes. */
  readonly surrogateValues: Float64Array
  /** φ(g; x). */
  readonly exactValues: Float64Array
  /** f(x) − E f. */
  readonly total: number
  /** As a decision would draw them: as many as the largest budget. */
  readonly trial: MeasuredPairs
  /** Many more, to stand for the truth. */
  readonly truth: MeasuredPairs
}

const ridges = [10, 30, 100, 300, 1000]
/** Of the pairs that stand for the truth: next to none, as what it shrinks would be missing from both sides of a comparison. */
const truthRidge = 1
/** Within this factor a smaller λ is as good. */
const clearlyLess = 0.995

/**
 * Chooses λ and measures error and interval factors for each budget (model rows, ascending). At least one row; contributions
 * of `adverseSign` are adverse.
 */
export function calibrate(rows: readonly HeldOutRow[], budgets: readonly number[], adverseSign: 1 | -1): Calibration {
  const noise = median(rows.map(({ trial }) => meanWeightedSquare(trial)))
  const truths = solveTruths(rows, noise)
  return { noise, budgets: budgets.map((budget) => calibrateBudget(rows, truths, budget, noise, adverseSign)) }
}

/** The players whose contributions may become reasons: the four most adverse ones, as far as they are adverse. */
export function mostAdverse(values: Float64Array, adverseSign: 1 | -1): number[] {
  const order = Array.from(values.keys()).sort((i, j) => adverseSign * (values[j]! - values[i]!) || i - j)
  return order.slice(0, 4).filter((i) => adverseSign * values[i]! > 0)
}

/** What stands for the true contributions, with its own errors. */
interface Truth {
  readonly values: Float64Array
  readonly standardErrors: Float64Array
}

/**
 * Sampled truths are wrong too. By how much shows the trial, solved in the same way: it is an independent second opinion, and
 * scales the standard errors of both so that 95 % of their differences are covered.
 */
function solveTruths(rows: readonly HeldOutRow[], noise: number): Truth[] {
  const solveLike = ({ exactValues, total }: HeldOutRow, pairs: MeasuredPairs): ResidualSolution =>
    solve(exactValues, total, pairs, pairs.plan.pairCount, truthRidge, noise)
  const truths = rows.map((row) => solveLike(row, row.truth))
  const scores = rows.flatMap((row, r) => {
    const { values, standardErrors, degreesOfFreedom } = solveLike(row, row.trial)
    const halfWidth = studentHalfWidth(0.95, degreesOfFreedom)
    return Array.from(values, (value, i) => {
      const spread = Math.hypot(standardErrors[i]!, truths[r]!.standardErrors[i]!)
      return spread > 0 ? Math.abs(value - truths[r]!.values[i]!) / (halfWidth * spread) : 0
    })
  })
  const factor = quantile(scores, 0.95)
  return truths.map(({ values, standardErrors }) => ({
    values,
    standardErrors: standardErrors.map((error) => factor * error),
  }))
}

function calibrateBudget(
  rows: readonly HeldOutRow[],
  truths: readonly Truth[],
  budget: number,
  noise: number,
  adverseSign: 1 | -1,
): CalibratedBudget {
  let best: { ridge: number; mean: number; solutions: ResidualSolution[]; errors: number[] } | undefined
  for (const ridge of ridges) {
    const solutions = rows.map((row) => solve(row.surrogateValues, row.total, row.trial, budget / 2, ridge, noise))
    const errors = solutions.map(({ values }, r) => relativeError(values, truths[r]!))
    const mean = meanUpTo(errors, quantile(errors, 0.9))
    if (best === undefined || mean < best.mean * clearlyLess) best = { ridge, mean, solutions, errors }
  }
  const { ridge, solutions, errors } = best!
  const own = errors.map((error, r) => error * shareOf(solutions[r]!, truths[r]!))
  const factor = intervalFactor(solutions, truths, ({ values }) => [...values.keys()], 0.95)
  const ofReasons = intervalFactor(
    solutions,
    truths,
    ({ values }) => mostAdverse(values, adverseSign),
    safely(rows.length),
  )
  return { rows: budget, ridge, factor, reasonFactor: Math.max(factor, ofReasons), error: median(own) }
}

/** φ(g; x) and the residual's contributions, together. */
function solve(
  base: Float64Array,
  total: number,
  { plan, differences }: MeasuredPairs,
  most: number,
  ridge: number,
  noise: number,
): ResidualSolution {
  const pairCount = Math.min(most, plan.pairCount)
  const left = total - base.reduce((sum, value) => sum + value, 0)
  const solution = solveResidual({ plan, pairCount, differences, total: left, ridge, noise })
  return { ...solution, values: solution.values.map((value, i) => base[i]! + value) }
}

/** Of a few rows the truth may be too uncertain to tell any error at all. */
const leastFactor = 0.5

/** Conformal: `share` of the contributions of `playersOf` lie within so many half widths, the truth's own error beside. */
function intervalFactor(
  solutions: readonly ResidualSolution[],
  truths: readonly Truth[],
  playersOf: (solution: ResidualSolution) => readonly number[],
  share: number,
): number {
  const scores = solutions.flatMap((solution, r) => {
    const { values, standardErrors, degreesOfFreedom } = solution
    const truth = truths[r]!
    const halfWidth = studentHalfWidth(0.95, degreesOfFreedom)
    const varying = playersOf(solution).filter((i) => standardErrors[i]! > 0)
    return varying.map((i) => {
      const square = ((values[i]! - truth.values[i]!) / halfWidth) ** 2 - truth.standardErrors[i]! ** 2
      return Math.sqrt(Math.max(square, 0)) / standardErrors[i]!
    })
  })
  return scores.length === 0 ? 1 : Math.max(leastFactor, quantile(scores, share))
}

/** The share of so many rows that 95 % of further rows are like; a row's few reasons err together. */
function safely(rowCount: number): number {
  return Math.min(1, 0.95 * (1 + 1 / rowCount))
}

/** |φ̂ − φ|² / |φ|², the truth's own error in it. */
function relativeError(values: Float64Array, truth: Truth): number {
  let [error, size] = [0, 0]
  values.forEach((value, i) => {
    error += (value - truth.values[i]!) ** 2
    size += truth.values[i]! ** 2
  })
  return error === 0 ? 0 : size === 0 ? 1 : error / size
}

/** What part of a squared difference from the truth is the solution's doing. */
function shareOf(solution: ResidualSolution, truth: Truth): number {
  const sumOfSquares = (errors: Float64Array): number => errors.reduce((sum, error) => sum + error ** 2, 0)
  const own = sumOfSquares(solution.standardErrors)
  return own === 0 ? 1 : own / (own + sumOfSquares(truth.standardErrors))
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
