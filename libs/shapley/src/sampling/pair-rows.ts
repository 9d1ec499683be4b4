import type { Background, Players } from '../players.ts'
import type { PairPlan } from './pair-plan.ts'

/**
 * The model rows of the pairs `from` … `to` − 1: (x_S, z) and after it (z_S, x) of each, x = `row`, z the pair's background
 * row. `out` holds 2·(to − from) rows, row-major: pair k starts at row 2·(k − from).
 */
export function pairRowsInto(
  { playerCount, coalitions, referenceRows }: PairPlan,
  from: number,
  to: number,
  { ofFeature }: Players,
  row: Float32Array,
  background: Background,
  out: Float32Array,
): void {
  const width = ofFeature.length
  for (let k = from; k < to; k++) {
    const first = 2 * (k - from) * width
    const reference = referenceRows[k]! * width
    for (let j = 0; j < width; j++) {
      const x = row[j]!
      const z = background.rows[reference + j]!
      const inside = coalitions[k * playerCount + ofFeature[j]!] === 1
      out[first + j] = inside ? x : z
      out[first + width + j] = inside ? z : x
    }
  }
}
