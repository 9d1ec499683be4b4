import { ShapleyError } from './shapley-error.ts'
import { countBits, shapleyWeights } from './shapley-weights.ts'

/** A cooperative game: what every coalition of the players earns. Bit i of a coalition is set when player i takes part. */
export interface Game {
  readonly playerCount: number
  value(coalition: number): number
}

/** Shapley values by their definition, over all 2ⁿ coalitions: the reference the quick methods are checked against. */
export function bruteForceShapley(game: Game): Float64Array {
  const n = game.playerCount
  if (n > 24)
    throw new ShapleyError(
      'TOO_MANY_PLAYERS',
      `brute force visits 2^n coalitions: ${n} players are too many, give at most 24`,
    )

  const worth = Float64Array.from({ length: 2 ** n }, (_, coalition) => game.value(coalition))
  const weights = shapleyWeights(n)
  const values = new Float64Array(n)
  for (let coalition = 0; coalition < worth.length; coalition++) {
    const present = countBits(coalition)
    for (let i = 0; i < n; i++) {
      if ((coalition >> i) & 1) values[i]! += weights[present * (n + 1) + n - present]! * worth[coalition]!
      else values[i]! -= weights[(n - present) * (n + 1) + present]! * worth[coalition]!
    }
  }
  return values
}
