import type { Random } from '@raison/numerics'
import { distinctSubsetsInto } from './distinct-subsets.ts'
import { balancedSubsets } from './draw-subset.ts'
import { completePairs, type PairedPlan } from './paired-plan.ts'
import { kernelMass, type SizeLaw } from './size-law.ts'

/** The pairs whose smaller side has `size` players. */
interface Stratum {
  readonly size: number
  /** How many such pairs there are; beyond 2⁵³ pairs only about. */
  readonly available: number
  /** What the size law gives both sides. */
  readonly chance: number
  /** What the Shapley kernel weighs all of them with. */
  readonly mass: number
}

/**
 * Distinct pairs, as many as the budget holds, shared among the sizes by `law`: while a size's share covers all its pairs,
 * it is enumerated, and the rest of the budget goes to the others. Each pair weighs what makes the sum of a size right on
 * average.
 */
export function planWithoutReplacement(n: number, budget: number, law: SizeLaw, random: Random): PairedPlan {
  const pairCount = Math.floor(budget / 2)
  const strata = strataOf(n, law)
  const shares = shareOut(strata, pairCount)
  const counts = roundAtRandom(shares, random.uniform())

  const coalitions = new Uint8Array(2 * pairCount * n)
  const weights = new Float64Array(pairCount)
  const inclusion = new Float64Array(pairCount)
  const drawSubsetInto = balancedSubsets(n, random)
  let k = 0
  strata.forEach(({ size, available, mass }, at) => {
    const count = counts[at]!
    distinctSubsetsInto({ playerCount: n, size, count, available }, drawSubsetInto, coalitions, k * n)
    weights.fill(mass / shares[at]!, k, k + count)
    inclusion.fill(shares[at]! / available, k, k + count)
    k += count
  })
  return completePairs(n, coalitions, weights, inclusion)
}

function strataOf(n: number, law: SizeLaw): Stratum[] {
  let subsets = 1
  return Array.from({ length: n >> 1 }, (_, at) => {
    const size = at + 1
    subsets = (subsets * (n - at)) / size
    // In the middle both sides have this size, and each pair is counted twice among the coalitions.
    const sides = 2 * size === n ? 1 : 2
    return {
      size,
      available: (subsets * sides) / 2,
      chance: sides * law[size]!,
      mass: sides * kernelMass(n, size),
    }
  })
}

/** Pairs of each stratum: all of it, or in proportion to its chance. They sum to `pairCount`. */
function shareOut(strata: readonly Stratum[], pairCount: number): Float64Array {
  const shares = new Float64Array(strata.length)
  let open = Array.from(strata.keys())
  let rest = pairCount
  for (;;) {
    const chance = open.reduce((sum, at) => sum + strata[at]!.chance, 0)
    for (const at of open) shares[at] = (rest * strata[at]!.chance) / chance
    const full = open.filter((at) => shares[at]! >= strata[at]!.available)
    if (full.length === 0) return shares
    for (const at of full) rest -= shares[at] = strata[at]!.available
    open = open.filter((at) => !full.includes(at))
  }
}

/**
 * Whole numbers next to the shares: differences of their running sums, all rounded down from one random offset. The offset
 * keeps away from 0 and 1, where the sums' own rounding would show.
 */
function roundAtRandom(shares: Float64Array, chance: number): Int32Array {
  const offset = 1e-6 + (1 - 2e-6) * chance
  let before = 0
  let sum = 0
  return Int32Array.from(shares, (share) => {
    if (Number.isInteger(share)) return share
    sum += share
    const until = Math.floor(sum + offset)
    const count = until - before
    before = until
    return count
  })
}
