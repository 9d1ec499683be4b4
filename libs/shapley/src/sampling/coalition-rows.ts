import type { Background, Players } from '../players.ts'
import type { CoalitionPlan } from './shapley-estimator.ts'

/**
 * The model rows of a plan: (x_S, z) for each coalition S and each background row z, x = `row`. `out` holds
 * coalitionCount × background.rowCount rows, row-major: coalition c with background row b is row c·background.rowCount + b.
 */
export function hybridRowsInto(
  { playerCount, coalitionCount, coalitions }: CoalitionPlan,
  { ofFeature }: Players,
  row: Float32Array,
  { rows, rowCount }: Background,
  out: Float32Array,
): void {
  const width = ofFeature.length
  const block = rowCount * width
  for (let c = 0; c < coalitionCount; c++) {
    out.set(rows, c * block)
    for (let j = 0; j < width; j++) {
      if (coalitions[c * playerCount + ofFeature[j]!] === 0) continue
      const x = row[j]!
      for (let at = c * block + j; at < (c + 1) * block; at += width) out[at] = x
    }
  }
}

/** v(S) of each coalition: the mean of its scores, `scores` in the order of `hybridRowsInto`; one per coalition in `out`. */
export function meanOverBackgroundInto(scores: Float64Array, backgroundRowCount: number, out: Float64Array): void {
  for (let c = 0; c < out.length; c++) {
    let sum = 0
    for (let b = c * backgroundRowCount; b < (c + 1) * backgroundRowCount; b++) sum += scores[b]!
    out[c] = sum / backgroundRowCount
  }
}
