import type { Random } from '@raison/numerics'
import { layoutOf, type CosineBasis } from './cosine-basis.ts'

/** Rows the slopes start from: enough, since training goes on from there. */
const mostRows = 50_000
const ridge = 1e-3

/**
 * Parameters before the first step, laid out as the training kernel has them: weights N(0, (2/√inputs)²) by block of 8
 * units, biases uniform in ±π, amplitudes N(0, .01²), slopes by least squares. Padding stays 0, and training leaves it so.
 */
export function startParameters(
  basis: CosineBasis,
  unitCount: number,
  inputs: Float32Array,
  targets: Float32Array,
  random: Random,
): Float32Array {
  const { inputCount } = basis
  const { waveInputs, stride } = layoutOf(basis)
  const parameters = new Float32Array(unitCount * (waveInputs + 2) + stride)
  const biases = unitCount * waveInputs
  for (let i = 0; i < inputCount; i++)
    for (let k = 0; k < unitCount; k++)
      parameters[weightPlace(waveInputs, i, k)] = (random.normal() * 2) / Math.sqrt(inputCount)
  for (let k = 0; k < unitCount; k++) parameters[biases + k] = (2 * random.uniform() - 1) * Math.PI
  for (let k = 0; k < unitCount; k++) parameters[biases + unitCount + k] = random.normal() * 0.01
  parameters.set(leastSquares(inputs, targets, stride), biases + 2 * unitCount)
  return parameters
}

export function weightPlace(waveInputs: number, input: number, unit: number): number {
  const lane = unit % 8
  return (unit - lane) * waveInputs + input * 8 + lane
}

/** Ridge regression of the targets on the inputs; an input that is always 0 gets slope 0. */
function leastSquares(inputs: Float32Array, targets: Float32Array, stride: number): Float64Array {
  const step = Math.ceil(targets.length / mostRows)
  const gram = new Float64Array(stride * stride)
  const moments = new Float64Array(stride)
  for (let row = 0; row < targets.length; row += step) {
    const x = inputs.subarray(row * stride, (row + 1) * stride)
    for (let i = 0; i < stride; i++) {
      const xi = x[i]!
      if (xi === 0) continue
      moments[i]! += xi * targets[row]!
      for (let j = 0; j <= i; j++) gram[i * stride + j]! += xi * x[j]!
    }
  }
  for (let i = 0; i < stride; i++) gram[i * stride + i]! += ridge
  return solveSymmetric(gram, moments)
}

/** x of A x = y by Cholesky's factors; A positive definite, its lower half given, overwritten. */
function solveSymmetric(a: Float64Array, y: Float64Array): Float64Array {
  const n = y.length
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      a[i * n + j] = i === j ? Math.sqrt(sum) : sum / a[j * n + j]!
    }
  const x = y.slice()
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= a[i * n + k]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= a[k * n + i]! * x[k]!
    x[i]! /= a[i * n + i]!
  }
  return x
}
