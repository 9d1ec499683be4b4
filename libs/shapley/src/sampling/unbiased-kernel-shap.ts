import { estimatorOf } from './estimator-of.ts'
import { listSmallerSide } from './fit-signs.ts'
import { differencesOf, type PairedPlan } from './paired-plan.ts'
import { planWithReplacement } from './plan-with-replacement.ts'
import type { ShapleyEstimate, ShapleyEstimator } from './shapley-estimator.ts'
import { sizeLaw } from './size-law.ts'

/**
 * Unbiased KernelSHAP (Covert & Lee 2021) on pairs: the regression with its matrix replaced by the expected one,
 * which on vectors that sum to 0 is a multiple of the identity. A mean of terms that are each right on average: no bias at any budget, but
 * more noise than the regression, even on additive games.
 */
export const unbiasedKernelShap: ShapleyEstimator = estimatorOf({
  name: 'unbiased-kernel-shap',
  leastBudget: () => 4,
  plan: (playerCount, budget, random) => planWithReplacement(playerCount, budget, sizeLaw(playerCount, 1), random),
  solve: solveUnbiased,
})

function solveUnbiased(plan: PairedPlan, values: Float64Array, empty: number, full: number): ShapleyEstimate {
  const { playerCount: n, pairCount, coalitions } = plan
  const differences = differencesOf(plan, values)
  const share = (full - empty) / n
  const scale = 1 / expectedSquare(n)
  const listed = new Int32Array(n)
  const sums = new Float64Array(n)
  const squares = new Float64Array(n)
  for (let k = 0; k < pairCount; k++) {
    const size = listSmallerSide(coalitions, k * n, n, listed)
    const count = Math.abs(size)
    const term = scale * (Math.sign(size) * differences[k]! - (2 * count - n) * share)
    const outside = (-2 * count * term) / n
    for (let i = 0, a = 0; i < n; i++) {
      const inside = a < count && listed[a] === i
      if (inside) a++
      const x = inside ? outside + 2 * term : outside
      sums[i]! += x
      squares[i]! += x * x
    }
  }
  const variance = (i: number) => (squares[i]! - sums[i]! ** 2 / pairCount) / (pairCount - 1)
  return {
    values: sums.map((sum) => share + sum / pairCount),
    standardErrors: sums.map((_, i) => Math.sqrt(Math.max(variance(i), 0) / pairCount)),
    exact: false,
  }
}

/** The factor of the expected matrix: E‖z − mean z‖²/(n−1) under the kernel's sizes, 2/(1 + ½ + … + 1/(n−1)). */
function expectedSquare(n: number): number {
  let harmonic = 0
  for (let k = 1; k < n; k++) harmonic += 1 / k
  return 2 / harmonic
}
