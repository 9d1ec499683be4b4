import { createRandom } from '@raison/numerics'
import type { TrainingData } from './fit-options.ts'

/** Rows uniform in (−1, 1), each value missing with the chance `missing`. */
export function simulate(
  seed: number,
  rowCount: number,
  featureCount: number,
  target: (x: Float32Array) => number,
  missing = 0,
): TrainingData {
  const random = createRandom(seed)
  const rows = Float32Array.from({ length: rowCount * featureCount }, () => {
    const x = 2 * random.uniform() - 1
    return random.uniform() < missing ? NaN : x
  })
  const targets = Float64Array.from({ length: rowCount }, (_, r) =>
    target(rows.subarray(r * featureCount, (r + 1) * featureCount)),
  )
  return { rows, rowCount, featureCount, targets }
}

/** A missing value counts as 0. */
export function bumpy(x: Float32Array): number {
  const [a, b, c, d] = [...x.subarray(0, 4)].map((value) => value || 0) as [number, number, number, number]
  return Math.sin(4 * a) + b * c + (d > 0.2 ? 1 : 0)
}
