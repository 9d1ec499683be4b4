import type { Random } from '@raison/numerics'
import type { PairPlan, Players } from '@raison/shapley'
import { fitCosineBasis } from './cosine-basis.ts'
import type { CosineNetwork } from './cosine-network.ts'

/** Weights as large as training leaves them, over rows of `randomRows`. */
export function randomNetwork(random: Random, featureCount: number, unitCount: number, missing = 0): CosineNetwork {
  const basis = fitCosineBasis(randomRows(random, 500, featureCount, missing), 500, featureCount)
  const normals = (count: number, size: number): Float32Array =>
    Float32Array.from({ length: count }, () => random.normal() * size)
  return {
    basis,
    unitCount,
    offset: random.normal(),
    scale: 1 + random.uniform(),
    weights: normals(basis.inputCount * unitCount, 2 / Math.sqrt(basis.inputCount)),
    biases: normals(unitCount, 2),
    amplitudes: normals(unitCount, 1 / Math.sqrt(unitCount)),
    slopes: normals(basis.inputCount + featureCount + 1, 0.3),
  }
}

/** Row-major, standard normal; each value is NaN with the chance `missing`. */
export function randomRows(random: Random, rowCount: number, featureCount: number, missing = 0): Float32Array {
  return Float32Array.from({ length: rowCount * featureCount }, () =>
    random.uniform() < missing ? NaN : random.normal(),
  )
}

/** One player per feature. */
export function singlePlayers(featureCount: number): Players {
  return { count: featureCount, ofFeature: Int32Array.from({ length: featureCount }, (_, f) => f) }
}

export function pairPlanOf(random: Random, playerCount: number, pairCount: number, backgroundCount: number): PairPlan {
  return {
    playerCount,
    pairCount,
    coalitions: Uint8Array.from({ length: pairCount * playerCount }, () => random.below(2)),
    referenceRows: Int32Array.from({ length: pairCount }, () => random.below(backgroundCount)),
    weights: new Float64Array(pairCount).fill(1),
  }
}
