import type { ExactExplainer } from './exact-explainer.ts'
import type { Background, Players } from './players.ts'

/** φ of a player = Σ β (x − E x) over its features. A linear model has no answer for a missing value: NaN stays NaN. */
export function explainLinear(
  coefficients: Float64Array,
  intercept: number,
  background: Background,
  players: Players,
): ExactExplainer {
  const featureCount = coefficients.length
  const means = columnMeans(background, featureCount)
  return {
    playerCount: players.count,
    baseValue: coefficients.reduce((sum, beta, f) => sum + beta * means[f]!, intercept),
    explainInto(rows, rowCount, out) {
      out.fill(0, 0, rowCount * players.count)
      for (let row = 0; row < rowCount; row++)
        for (let f = 0; f < featureCount; f++)
          out[row * players.count + players.ofFeature[f]!]! +=
            coefficients[f]! * (rows[row * featureCount + f]! - means[f]!)
    },
    outputsInto(rows, rowCount, out) {
      for (let row = 0; row < rowCount; row++) {
        const start = row * featureCount
        out[row] = coefficients.reduce((sum, beta, f) => sum + beta * rows[start + f]!, intercept)
      }
    },
  }
}

function columnMeans({ rows, rowCount }: Background, featureCount: number): Float64Array {
  const means = new Float64Array(featureCount)
  for (let i = 0; i < rowCount * featureCount; i++) means[i % featureCount]! += rows[i]! / rowCount
  return means
}
