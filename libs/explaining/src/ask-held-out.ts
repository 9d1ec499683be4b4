import type { Random } from '@raison/numerics'
import { pairRowsInto, planPairs } from '@raison/shapley'
import type { MeasuredPairs, Source } from '@raison/surrogate'
import { assertFinite } from './held-out.ts'
import type { SampledRouteReady } from './sampling.ts'

/** The model's part of a held-out row: it is the same for every surrogate. */
export interface AskedRow {
  readonly row: Float32Array
  readonly output: number
  /** Differences of the model alone. */
  readonly trial: MeasuredPairs
  readonly truth: MeasuredPairs
}

/** Answers with the first rows, as many as are wanted; none is asked twice. */
export function askHeldOut(
  sampled: SampledRouteReady,
  { rows, rowCount }: Source,
  pairCounts: { readonly trial: number; readonly truth: number },
  random: Random,
): (count: number) => Promise<readonly AskedRow[]> {
  const width = sampled.players.ofFeature.length
  const asked: AskedRow[] = []
  return async (count) => {
    while (asked.length < Math.min(count, rowCount)) {
      const row = rows.subarray(asked.length * width, (asked.length + 1) * width)
      const output = assertFinite(await sampled.route.outputs(row.slice(), 1))[0]!
      const trial = await askPairs(sampled, row, pairCounts.trial, random)
      asked.push({ row, output, trial, truth: await askPairs(sampled, row, pairCounts.truth, random) })
    }
    return asked
  }
}

async function askPairs(
  { route, players, background }: SampledRouteReady,
  row: Float32Array,
  most: number,
  random: Random,
): Promise<MeasuredPairs> {
  const request = { playerCount: players.count, referenceCount: background.rowCount, pairCount: most }
  const plan = planPairs(request, random)
  const { pairCount } = plan
  const rows = new Float32Array(2 * pairCount * row.length)
  pairRowsInto(plan, 0, pairCount, players, row, background, rows)
  const answers = pairCount === 0 ? new Float64Array() : assertFinite(await route.outputs(rows, 2 * pairCount))
  return {
    plan,
    differences: Float64Array.from({ length: pairCount }, (_, k) => answers[2 * k]! - answers[2 * k + 1]!),
  }
}
