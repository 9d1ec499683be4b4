import type { Background, PairPlan, Players } from '@raison/shapley'
import type { CosineNetwork } from './cosine-network.ts'

/** g(x) by its formula in float64, written from the definition of the inputs. */
export function outputOf({ basis, unitCount, ...network }: CosineNetwork, row: Float32Array): number {
  const n = basis.featureCount
  const values = Array.from(row, (value, f) => (Number.isNaN(value) ? basis.medians[f]! : value))
  const z = values.map((value, f) => (value - basis.means[f]!) * basis.inverseScales[f]!)
  const u = new Array<number>(basis.inputCount).fill(0)
  for (let f = 0; f < n; f++) {
    u[f] = Math.asinh(2 * z[f]!) / 1.4434
    u[n + f] = interpolate(basis.knots, basis.ranks, basis.knotStarts[f]!, basis.knotStarts[f + 1]! - 1, values[f]!)
    u[2 * n + f] = Math.max(-4, Math.min(4, z[f]!))
    if (basis.missingInputs[f]! >= 0) u[basis.missingInputs[f]!] = Number.isNaN(row[f]!) ? 1 : 0
  }
  let sum = [...u, ...z, 1].reduce((total, input, i) => total + network.slopes[i]! * input, 0)
  for (let k = 0; k < unitCount; k++) {
    const angle = u.reduce((total, input, i) => total + network.weights[i * unitCount + k]! * input, network.biases[k]!)
    sum += network.amplitudes[k]! * Math.cos(angle)
  }
  return network.offset + network.scale * sum
}

function interpolate(knots: Float32Array, ranks: Float32Array, first: number, last: number, value: number): number {
  if (value <= knots[first]!) return ranks[first]!
  for (let i = first; i < last; i++)
    if (value < knots[i + 1]!)
      return ranks[i]! + ((ranks[i + 1]! - ranks[i]!) * (value - knots[i]!)) / (knots[i + 1]! - knots[i]!)
  return ranks[last]!
}

/** Shapley values over all orders in which players can come: the mean of what each adds, by coalition. */
export function bruteForceOf(
  network: CosineNetwork,
  { rows, rowCount }: Background,
  { count, ofFeature }: Players,
  row: Float32Array,
): Float64Array {
  const n = ofFeature.length
  const worth = Array.from({ length: 2 ** count }, (_, coalition) => {
    let sum = 0
    for (let z = 0; z < rowCount; z++)
      sum += outputOf(
        network,
        row.map((value, f) => ((coalition >> ofFeature[f]!) & 1 ? value : rows[z * n + f]!)),
      )
    return sum / rowCount
  })
  const values = new Float64Array(count)
  for (let coalition = 0; coalition < worth.length; coalition++)
    for (let i = 0; i < count; i++) {
      if ((coalition >> i) & 1) continue
      const size = [...Array(count).keys()].filter((j) => (coalition >> j) & 1).length
      const weight = (factorial(size) * factorial(count - size - 1)) / factorial(count)
      values[i]! += weight * (worth[coalition | (1 << i)]! - worth[coalition]!)
    }
  return values
}

function factorial(k: number): number {
  return k < 2 ? 1 : k * factorial(k - 1)
}

/** The row with the features of players whose mark in the pair's coalition is `mark`, the rest from its background row. */
export function hybridOf(
  row: Float32Array,
  background: Background,
  { count, ofFeature }: Players,
  plan: PairPlan,
  pair: number,
  mark: 0 | 1,
): Float32Array {
  const z = plan.referenceRows[pair]! * ofFeature.length
  return row.map((value, f) =>
    plan.coalitions[pair * count + ofFeature[f]!] === mark ? value : background.rows[z + f]!,
  )
}
