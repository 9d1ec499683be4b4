import { createRandom } from '@raison/numerics'
import { fitCosineBasis, layoutOf, writeInputs, type CosineBasis } from './cosine-basis.ts'
import type { CosineNetwork } from './cosine-network.ts'
import { createTrainer, startTraining, type CosineTraining } from './cosine-trainer.ts'
import { startParameters, weightPlace } from './start-parameters.ts'
import { SurrogateError } from './surrogate-error.ts'

export interface CosineData {
  /** rowCount × featureCount, row-major, NaN where missing. */
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
  /** What the network is to answer, one per row. */
  readonly targets: Float32Array | Float64Array
  /** Learnt from `rows` when it is not given. */
  readonly basis?: CosineBasis
}

export interface CosineOptions {
  readonly seed: number
  /** Cosine units, rounded up to a multiple of 8; 512 when not given. */
  readonly units?: number
  /** 16 when not given. */
  readonly epochs?: number
  /** Rows of a step, rounded down to a multiple of 4; 128 when not given. */
  readonly batch?: number
  /** `usualRate` of the network's size when not given. */
  readonly learningRate?: number
}

export interface CosineProgress {
  readonly epochsDone: number
  /** Mean squared error over the epoch, in units of the targets' variance. */
  readonly loss: number
  /** A copy of the state, to resume from. */
  takeTraining(): CosineTraining
}

export interface CosineHooks {
  readonly resume?: CosineTraining
  /** `'stop'` ends the training with the network as it stands. */
  readonly onEpoch?: (progress: CosineProgress) => void | 'stop'
}

const fewestRows = 4
const warmUpSteps = 200

/**
 * Fits a cosine network by Adam with cosine decay and warm-up, all parameters trained, in float32. The same data, options
 * and seed give the same bytes, resumed or not. Needs WebAssembly with SIMD. Throws SurrogateError when the data, or the
 * state to resume, do not fit.
 */
export function fitCosine(data: CosineData, options: CosineOptions, hooks: CosineHooks = {}): CosineNetwork {
  checkData(data)
  const basis = data.basis ?? fitCosineBasis(data.rows, data.rowCount, data.featureCount)
  const { units = 512, epochs = 16, batch = 128, seed } = options
  const unitCount = Math.ceil(units / 8) * 8
  const learningRate = options.learningRate ?? usualRate(unitCount, basis.inputCount)
  const batchRows = Math.max(fewestRows, Math.min(batch, data.rowCount) & ~3)
  const stepsPerEpoch = Math.floor(data.rowCount / batchRows)
  const { offset, scale, targets } = standardise(data.targets, data.rowCount)
  const inputs = new Float32Array(data.rowCount * layoutOf(basis).stride)
  writeInputs(basis, data.rows, data.rowCount, inputs)

  const trainer = createTrainer(basis, unitCount, batchRows)
  const start = (): Float32Array => startParameters(basis, unitCount, inputs, targets, createRandom(seed))
  trainer.restore(hooks.resume ?? startTraining(start()))
  for (let epoch = hooks.resume?.epochsDone ?? 0; epoch < epochs; epoch++) {
    const order = shuffle(data.rowCount, seed + (epoch + 1) * 0x9e3779b1)
    let loss = 0
    for (let step = 0; step < stepsPerEpoch; step++) {
      const done = epoch * stepsPerEpoch + step + 1
      const decay = 0.5 * (1 + Math.cos((Math.PI * done) / (epochs * stepsPerEpoch)))
      const rate = (learningRate * decay + 1e-6) * Math.min(1, done / warmUpSteps)
      loss += trainer.step({ inputs, targets, order, first: step * batchRows }, done, rate)
    }
    const takeTraining = (): CosineTraining => trainer.take(epoch + 1)
    const told = hooks.onEpoch?.({ epochsDone: epoch + 1, loss: loss / (stepsPerEpoch * batchRows), takeTraining })
    if (told === 'stop') break
  }
  return { basis, unitCount, offset, scale, ...unpack(basis, unitCount, trainer.take(epochs).parameters) }
}

/**
 * Adam moves every parameter by about the rate, so the output moves in proportion to their number. Measured as best at
 * batch 128 on credit networks: 8e-3 for 256 units of 36 inputs, 4e-3 for twice the units or twice the inputs.
 */
function usualRate(unitCount: number, inputCount: number): number {
  return Math.min(1e-2, 75 / (unitCount * inputCount))
}

function checkData({ rows, rowCount, featureCount, targets, basis }: CosineData): void {
  if (rowCount < fewestRows)
    throw new SurrogateError(
      'TOO_FEW_ROWS',
      `a cosine network is fitted to at least ${fewestRows} rows, got ${rowCount}`,
    )
  if (rows.length !== rowCount * featureCount || targets.length !== rowCount)
    throw new SurrogateError(
      'SHAPE_MISMATCH',
      `${rows.length} numbers and ${targets.length} targets are not ${rowCount} rows of ${featureCount} features`,
    )
  if (basis !== undefined && basis.featureCount !== featureCount)
    throw new SurrogateError(
      'SHAPE_MISMATCH',
      `the basis was learnt from ${basis.featureCount} features, the rows have ${featureCount}`,
    )
  const bad = targets.findIndex((target) => !Number.isFinite(target))
  if (bad >= 0) throw new SurrogateError('TARGET_NOT_FINITE', `target ${bad} is ${targets[bad]}: give finite numbers`)
}

interface Standardised {
  readonly offset: number
  readonly scale: number
  readonly targets: Float32Array
}

function standardise(targets: Float32Array | Float64Array, count: number): Standardised {
  let offset = 0
  for (const target of targets) offset += target / count
  let variance = 0
  for (const target of targets) variance += (target - offset) ** 2 / count
  const scale = Math.sqrt(variance)
  return {
    offset,
    scale,
    targets: Float32Array.from(targets, (target) => (scale === 0 ? 0 : (target - offset) / scale)),
  }
}

/** Fisher–Yates. */
function shuffle(count: number, seed: number): Int32Array {
  const random = createRandom(seed)
  const order = Int32Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

/** From the trainer's layout to the network's. */
function unpack(
  basis: CosineBasis,
  unitCount: number,
  parameters: Float32Array,
): Pick<CosineNetwork, 'weights' | 'biases' | 'amplitudes' | 'slopes'> {
  const { inputCount, featureCount } = basis
  const { waveInputs } = layoutOf(basis)
  const weights = new Float32Array(inputCount * unitCount)
  for (let i = 0; i < inputCount; i++)
    for (let k = 0; k < unitCount; k++) weights[i * unitCount + k] = parameters[weightPlace(waveInputs, i, k)]!
  const biases = unitCount * waveInputs
  const slopes = parameters.subarray(biases + 2 * unitCount)
  return {
    weights,
    biases: parameters.slice(biases, biases + unitCount),
    amplitudes: parameters.slice(biases + unitCount, biases + 2 * unitCount),
    slopes: Float32Array.of(
      ...slopes.subarray(0, inputCount),
      ...slopes.subarray(waveInputs, waveInputs + featureCount + 1),
    ),
  }
}
