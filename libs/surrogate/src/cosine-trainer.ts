import { layoutOf, type CosineBasis } from './cosine-basis.ts'
import { planMemory } from './kernel-memory.ts'
import { loadKernel } from './load-kernel.ts'
import { SurrogateError } from './surrogate-error.ts'

/** Where training stands after an epoch: plain data. With the same data and options it goes on to the same bytes. */
export interface CosineTraining {
  readonly epochsDone: number
  readonly parameters: Float32Array
  readonly firstMoments: Float32Array
  readonly secondMoments: Float32Array
}

/** A network under training, in a kernel's memory; its parameters are laid out as kernel/assembly/training.ts says. */
export interface CosineTrainer {
  restore(training: CosineTraining): void
  take(epochsDone: number): CosineTraining
  /**
   * Moves all parameters once by the rows `order[first … first + batchRows − 1]`; `stepsDone` counts from 1. Returns the sum
   * of squared errors before the step.
   */
  step(batch: TrainingBatch, stepsDone: number, rate: number): number
}

export interface TrainingBatch {
  /** Every row's numbers as `writeInputs` leaves them. */
  readonly inputs: Float32Array
  readonly targets: Float32Array
  readonly order: Int32Array
  readonly first: number
}

/** Rows whose waves the kernel keeps at once: its `tileRows`. */
const tileRows = 32

export function startTraining(parameters: Float32Array): CosineTraining {
  const moments = (): Float32Array => new Float32Array(parameters.length)
  return { epochsDone: 0, parameters, firstMoments: moments(), secondMoments: moments() }
}

export function createTrainer(basis: CosineBasis, unitCount: number, batchRows: number): CosineTrainer {
  const { waveInputs, stride } = layoutOf(basis)
  const parameterCount = unitCount * (waveInputs + 2) + stride
  const plan = planMemory()
  const parameters = plan.place(parameterCount)
  const firstMoments = plan.place(parameterCount)
  const secondMoments = plan.place(parameterCount)
  const gradients = plan.place(parameterCount)
  const inputs = plan.place(batchRows * stride)
  const targets = plan.place(batchRows)
  const errors = plan.place(4 * tileRows)
  const waves = plan.place(2 * tileRows * unitCount)
  const { kernel, memory } = loadKernel(plan.byteCount)
  const { floats } = memory
  const copy = (address: number): Float32Array => floats.slice(address / 4, address / 4 + parameterCount)

  return {
    restore(training) {
      if (training.parameters.length !== parameterCount)
        throw new SurrogateError(
          'RESUME_MISMATCH',
          `training to resume has ${training.parameters.length} parameters, these options and data give ${parameterCount}`,
        )
      floats.set(training.parameters, parameters / 4)
      floats.set(training.firstMoments, firstMoments / 4)
      floats.set(training.secondMoments, secondMoments / 4)
    },

    take: (epochsDone) => ({
      epochsDone,
      parameters: copy(parameters),
      firstMoments: copy(firstMoments),
      secondMoments: copy(secondMoments),
    }),

    step(batch, stepsDone, rate) {
      for (let r = 0; r < batchRows; r++) {
        const row = batch.order[batch.first + r]!
        floats.set(batch.inputs.subarray(row * stride, (row + 1) * stride), inputs / 4 + r * stride)
        floats[targets / 4 + r] = batch.targets[row]!
      }
      const loss = kernel.addGradients(
        batchRows,
        waveInputs,
        stride,
        unitCount,
        inputs,
        targets,
        parameters,
        gradients,
        errors,
        waves,
      )
      const firstScale = 1 / (1 - 0.9 ** stepsDone)
      const secondScale = 1 / (1 - 0.999 ** stepsDone)
      kernel.moveParameters(
        parameterCount,
        parameters,
        gradients,
        firstMoments,
        secondMoments,
        rate,
        firstScale,
        secondScale,
      )
      return loss
    },
  }
}
