import type { Random } from '@raison/numerics'
import type { TrainingData } from './fit-options.ts'

/** Rows of a simulated population: skewed, coded and correlated features by turns, 2 % of the values missing in every sixth. */
function drawPopulation(random: Random, rowCount: number, featureCount: number): Float32Array {
  const rows = new Float32Array(rowCount * featureCount)
  for (let row = 0; row < rowCount; row++) {
    const common = random.normal()
    for (let f = 0; f < featureCount; f++) {
      const x = 0.5 * common + random.normal()
      const isMissing = f % 6 === 5 && random.uniform() < 0.02
      rows[row * featureCount + f] = isMissing ? NaN : f % 3 === 0 ? Math.exp(x) : f % 3 === 1 ? x : Math.round(2 * x)
    }
  }
  return rows
}

/** Two hidden layers of random weights over squashed inputs: smooth, with interactions of every order. */
function createNet(random: Random, featureCount: number): (row: Float32Array) => number {
  const width = 24
  const draw = (count: number, scale: number): Float64Array =>
    Float64Array.from({ length: count }, () => scale * random.normal())
  const first = draw(width * featureCount, 1.5 / Math.sqrt(featureCount))
  const second = draw(width * width, 1.5 / Math.sqrt(width))
  const last = draw(width, 1 / Math.sqrt(width))
  const layer = (weights: Float64Array, inputs: Float64Array): Float64Array =>
    Float64Array.from({ length: width }, (_, k) =>
      Math.tanh(inputs.reduce((sum, input, i) => sum + weights[k * inputs.length + i]! * input, 0)),
    )
  return (row) => {
    const inputs = Float64Array.from(row, (x) => (Number.isNaN(x) ? 0.3 : Math.asinh(x)))
    return layer(second, layer(first, inputs)).reduce((sum, unit, k) => sum + last[k]! * unit, 0)
  }
}

/**
 * What a surrogate is fitted to: rows that take each feature from one row of the population or from a reference row, with
 * a neural net's output. The populations behind the training rows and the fresh ones are different rows.
 */
export function drawHybrids(
  random: Random,
  counts: { readonly featureCount: number; readonly training: number; readonly fresh: number },
): { readonly training: TrainingData; readonly fresh: TrainingData } {
  const { featureCount } = counts
  const net = createNet(random, featureCount)
  const reference = drawPopulation(random, 100, featureCount)
  const hybridsOf = (rowCount: number): TrainingData => {
    const rows = drawPopulation(random, rowCount, featureCount)
    const targets = new Float64Array(rowCount)
    for (let row = 0; row < rowCount; row++) {
      const hybrid = rows.subarray(row * featureCount, (row + 1) * featureCount)
      const z = random.below(100) * featureCount
      const share = random.uniform()
      for (let f = 0; f < featureCount; f++) if (random.uniform() < share) hybrid[f] = reference[z + f]!
      targets[row] = net(hybrid)
    }
    return { rows, rowCount, featureCount, targets }
  }
  return { training: hybridsOf(counts.training), fresh: hybridsOf(counts.fresh) }
}
