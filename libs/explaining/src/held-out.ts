import type { Random } from '@raison/numerics'
import { planHybrids, prepareSurrogate, type FittedSurrogate, type Source } from '@raison/surrogate'
import { drawRows } from './draw-rows.ts'
import { ExplainError } from './explain-error.ts'
import type { SampledRouteReady } from './sampling.ts'

export interface HeldOutSplit {
  /** What hybrids are made of. */
  readonly fitRows: Source
  /** Rows that no fit sees, for measuring. */
  readonly heldOut: Source
}

export const mostHeldOut = 64
const fewestSource = 5

/**
 * A fifth of the rows, 64 at most, is held out; of fewer than five rows all serve both ends. The time of a fit changes
 * nothing here: one that goes on where another was cut short must hold out the same rows.
 */
export function drawHeldOut(source: Source, random: Random): HeldOutSplit {
  if (source.rowCount < fewestSource) return { fitRows: source, heldOut: source }
  const width = source.rows.length / source.rowCount
  const heldOutCount = Math.min(mostHeldOut, Math.floor(source.rowCount / fewestSource))
  const all = Array.from({ length: source.rowCount }, (_, k) => k)
  const order = drawRows(all, heldOutCount, random)
  const take = (indices: readonly number[]): Source => {
    const rows = new Float32Array(indices.length * width)
    indices.forEach((index, k) => rows.set(source.rows.subarray(index * width, (index + 1) * width), k * width))
    return { rows, rowCount: indices.length }
  }
  return { heldOut: take(order.slice(0, heldOutCount)), fitRows: take(order.slice(heldOutCount)) }
}

/** Throws ExplainError MODEL_OUTPUT_NOT_FINITE: nothing can be fitted to such an answer, or measured by it. */
export function assertFinite(outputs: Float64Array): Float64Array {
  const bad = outputs.find((output) => !Number.isFinite(output))
  if (bad === undefined) return outputs
  throw new ExplainError(
    'MODEL_OUTPUT_NOT_FINITE',
    `the model answers ${bad} for a row between the applicants and the reference: correct the model`,
  )
}

const fidelityHybrids = 4096

/** R² of the surrogate on hybrids of rows that it never saw; 1 for a constant model. */
export async function fidelityOf(
  { route, background, players }: SampledRouteReady,
  fitted: FittedSurrogate,
  heldOut: Source,
  random: Random,
): Promise<number> {
  const rows = planHybrids(heldOut, background, players, fidelityHybrids, random)
  const guesses = new Float64Array(fidelityHybrids)
  prepareSurrogate(fitted, background, players).outputsInto(rows, fidelityHybrids, guesses)
  const outputs = assertFinite(await route.outputs(rows, fidelityHybrids))
  const mean = outputs.reduce((sum, output) => sum + output, 0) / fidelityHybrids
  let [left, all] = [0, 0]
  outputs.forEach((output, k) => {
    left += (output - guesses[k]!) ** 2
    all += (output - mean) ** 2
  })
  return all === 0 ? 1 : 1 - left / all
}
