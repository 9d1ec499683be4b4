import type { Random } from '@raison/numerics'
import { independentSubsets } from './draw-subset.ts'
import { completePairs, type PairedPlan } from './paired-plan.ts'
import { goldenSize, kernelMass, type SizeLaw } from './size-law.ts'

/** Independent pairs, but for their sizes, which follow `law` more evenly than by chance; a pair may come twice. */
export function planWithReplacement(n: number, budget: number, law: SizeLaw, random: Random): PairedPlan {
  const pairCount = Math.floor(budget / 2)
  const coalitions = new Uint8Array(2 * pairCount * n)
  const weights = new Float64Array(pairCount)
  const drawSubsetInto = independentSubsets(n, random)
  const start = random.uniform()
  for (let k = 0; k < pairCount; k++) {
    const size = goldenSize(law, k, start)
    drawSubsetInto(size, coalitions, k * n)
    weights[k] = kernelMass(n, size) / law[size]!
  }
  return completePairs(n, coalitions, weights, new Float64Array(pairCount))
}
