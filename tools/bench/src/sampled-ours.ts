import { estimate, type OpenedBundle } from '@raison/explaining'
import { createRandom } from '@raison/numerics'
import { hybridRowsInto, kernelShap, meanOverBackgroundInto } from '@raison/shapley'
import type { Table } from './sampled-bundles.ts'
import { mean, quantile, relativeError, topAgreement, type SampledPoint } from './sampled-measures.ts'

export type Sampled = NonNullable<OpenedBundle['sampled']>

/** Rows with their true contributions, row-major. */
export interface KnownRows {
  readonly rows: Table
  readonly truth: Float64Array
}

interface Answer {
  readonly values: Float64Array
  readonly rowsScored: number
  halfWidth?(players: readonly number[]): number
}

type Ask = (row: Float32Array, seed: number) => Promise<Answer>

export const shipped = 'Raison'
export const withoutSurrogate = 'Raison without surrogate'
export const ownKernelShap = 'Raison’s KernelSHAP'

/** As shipped: the budget that the fit has chosen, and the stop when the reasons are settled. */
export function measureShipped(sampled: Sampled, known: KnownRows, seeds: number): Promise<SampledPoint> {
  return measure(`${shipped}, as shipped`, known, seeds, (row, seed) => estimateOne(sampled, row, seed))
}

/** Every budget that the fit has calibrated, each spent whole, and twice the largest as if it were the largest. */
export async function measureBudgets(sampled: Sampled, known: KnownRows, seeds: number): Promise<SampledPoint[]> {
  const points: SampledPoint[] = []
  const { budgets } = sampled.calibration
  const largest = budgets.at(-1)!
  for (const budget of [...budgets, { ...largest, rows: 2 * largest.rows }]) {
    const whole = { ...sampled, calibration: { ...sampled.calibration, budgets: [budget] }, budgetRows: budget.rows }
    points.push(await measure(shipped, known, seeds, (row, seed) => estimateOne(whole, row, seed)))
  }
  return points
}

/** The same regression with nothing taken off beforehand. */
export async function measureWithoutSurrogate(
  sampled: Sampled,
  known: KnownRows,
  seeds: number,
): Promise<SampledPoint[]> {
  const { route, background, baseValue } = sampled
  const outputs = await route.outputs(background.rows.slice(), background.rowCount)
  const noise = 2 * mean(Array.from(outputs, (output) => (output - baseValue) ** 2))
  const points: SampledPoint[] = []
  for (const rows of [1024, 4096, 16_384, 65_536]) {
    const calibration = { noise, budgets: [{ rows, ridge: 1, factor: 1.15, error: Number.NaN }] }
    const alone = { ...sampled, surrogate: undefined, calibration, budgetRows: rows }
    points.push(await measure(withoutSurrogate, known, seeds, (row, seed) => estimateOne(alone, row, seed)))
  }
  return points
}

/** Whole coalitions over the whole background, as the peers ask. */
export async function measureKernelShap(
  sampled: Sampled,
  known: KnownRows,
  seeds: number,
  coalitionCounts: readonly number[],
): Promise<SampledPoint[]> {
  const points: SampledPoint[] = []
  for (const coalitions of coalitionCounts)
    points.push(await measure(ownKernelShap, known, seeds, (row, seed) => kernelOne(sampled, row, coalitions, seed)))
  return points
}

async function estimateOne(sampled: Sampled, row: Float32Array, seed: number): Promise<Answer> {
  const [answer] = await estimate(sampled, row, 1, [seed])
  return { ...answer!, rowsScored: answer!.rowsScored + 1 }
}

async function kernelOne(
  { route, players, background, baseValue }: Sampled,
  row: Float32Array,
  coalitions: number,
  seed: number,
): Promise<Answer> {
  const output = (await route.outputs(row.slice(), 1))[0]!
  const plan = kernelShap.plan(players.count, coalitions, createRandom(seed))
  const rowCount = plan.coalitionCount * background.rowCount
  const rows = new Float32Array(rowCount * players.ofFeature.length)
  hybridRowsInto(plan, players, row, background, rows)
  const means = new Float64Array(plan.coalitionCount)
  meanOverBackgroundInto(await route.outputs(rows, rowCount), background.rowCount, means)
  return { values: kernelShap.solve(plan, means, baseValue, output).values, rowsScored: rowCount + 1 }
}

/** Each decision alone, one after the other, after a few that only warm up. */
async function measure(method: string, { rows, truth }: KnownRows, seeds: number, ask: Ask): Promise<SampledPoint> {
  const width = rows.columns.length
  const n = truth.length / rows.rowCount
  const [scored, errors, agreements, times, covered]: number[][] = [[], [], [], [], []]
  for (let k = 0; k < 3; k++) await ask(rows.values.subarray(0, width), k)
  for (let seed = 0; seed < seeds; seed++)
    for (let k = 0; k < rows.rowCount; k++) {
      const row = rows.values.subarray(k * width, (k + 1) * width)
      const phi = truth.subarray(k * n, (k + 1) * n)
      const before = process.cpuUsage()
      const { values, rowsScored, halfWidth } = await ask(row, 1000 * seed + k)
      const { user, system } = process.cpuUsage(before)
      times!.push((user + system) / 1000)
      scored!.push(rowsScored)
      errors!.push(relativeError(values, phi))
      agreements!.push(topAgreement(values, phi))
      if (halfWidth)
        phi.forEach((value, i) => covered!.push(Math.abs(values[i]! - value) <= halfWidth([i]) * (1 + 1e-9) ? 1 : 0))
    }
  return {
    method,
    rows: quantile(scored!, 0.5),
    errors: errors!,
    topAgreement: mean(agreements!),
    milliseconds: quantile(times!, 0.5),
    coverage: covered!.length === 0 ? undefined : mean(covered!),
  }
}
