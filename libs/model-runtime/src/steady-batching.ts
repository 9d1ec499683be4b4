import type { ScorePool } from './score-pool.ts'
import type { Batching, Reading } from './score-worker.ts'
import type { Trial } from './trial-rows.ts'
import { repeatTrial } from './trial-rows.ts'

/**
 * Tried in this order; docs/decisions/0007 has the measurements. Kernels of onnxruntime treat what is left behind the last
 * full vector in another way, so runs are filled up; some add up a row by its address, and then each row runs by itself.
 */
const candidates: readonly Batching[] = [
  { step: 16, most: 1024 },
  { step: 256, most: 256 },
  { step: 1, most: 1 },
]

/** Tree kernels take every row by itself; measured over all sizes from 1 to 300. */
const treeBatching: Batching = { step: 1, most: 1024 }

/** How rows may be put into runs, the fastest first. A graph may insist on a number of rows. */
export function listBatchings(isTrees: boolean, fixedRows: number | undefined): readonly Batching[] {
  if (fixedRows !== undefined) {
    const whole = { step: fixedRows, most: fixedRows }
    return isTrees ? [whole] : [whole, { step: fixedRows, most: 1 }]
  }
  return isTrees ? [treeBatching] : candidates
}

/**
 * The first batching in which the bits of a row depend neither on its place nor on its company, as far as the trial rows
 * show: each is read in a full run and again behind 1 to 8 rows of zeros in smaller runs. The last one is taken untried, and
 * without a trial.
 */
export async function findSteadyBatching(
  batchings: readonly Batching[],
  pool: ScorePool,
  readings: readonly Reading[],
  trial: Trial | undefined,
): Promise<Batching> {
  for (const batching of trial ? batchings.slice(0, -1) : [])
    if (await isSteady(batching, pool, readings, trial!)) return batching
  return batchings.at(-1)!
}

async function isSteady(
  batching: Batching,
  pool: ScorePool,
  readings: readonly Reading[],
  trial: Trial,
): Promise<boolean> {
  const score = (rowCount: number, shift: number): Promise<Float64Array[]> =>
    pool.run({ ...repeatTrial(trial, rowCount, shift), readings, batching, mayMove: true, pieces: 1 })
  const expected = await score(Math.max(batching.most, 16 * batching.step), 0)
  for (let shift = 1; shift <= 8; shift++) {
    const values = await score(2 * shift * batching.step, shift)
    if (values.some((array, r) => array.subarray(shift).some((value, i) => !Object.is(value, expected[r]![i]))))
      return false
  }
  return true
}
