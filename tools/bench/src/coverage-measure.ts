import { estimate } from '@raison/explaining'
import { mean, quantile, relativeError, topAgreement } from './sampled-measures.ts'
import type { KnownRows, Sampled } from './sampled-ours.ts'

export interface Coverage {
  /** Of the budget; undefined as shipped, where a decision may stop early. */
  readonly budget: number | undefined
  readonly rows: number
  readonly error: number
  /** Mean of |A ∩ B| / 4 over the four most adverse. */
  readonly topAgreement: number
  /** Share of all contributions inside their intervals, and the same of each decision's four largest. */
  readonly covered: number
  readonly coveredLargest: number
  /** Half width of an interval beside the largest contribution of its decision, median. */
  readonly width: number
}

/** As shipped, and with every calibrated budget spent whole. */
export async function measureCoverage(sampled: Sampled, known: KnownRows, seeds: number): Promise<Coverage[]> {
  const measured = [await measure(sampled, known, seeds, undefined)]
  for (const budget of sampled.calibration.budgets) {
    const whole = { ...sampled, calibration: { ...sampled.calibration, budgets: [budget] }, budgetRows: budget.rows }
    measured.push(await measure(whole, known, seeds, budget.rows))
  }
  return measured
}

async function measure(
  sampled: Sampled,
  { rows, truth }: KnownRows,
  seeds: number,
  budget: number | undefined,
): Promise<Coverage> {
  const n = sampled.players.count
  const [scored, errors, agreements, inside, insideLargest, widths]: number[][] = [[], [], [], [], [], []]
  for (let seed = 0; seed < seeds; seed++) {
    const ofDecision = Array.from({ length: rows.rowCount }, (_, k) => rows.rowCount * seed + k)
    const estimates = await estimate(sampled, rows.values, rows.rowCount, ofDecision)
    estimates.forEach(({ values, halfWidth, rowsScored }, k) => {
      const phi = truth.subarray(k * n, (k + 1) * n)
      const sizes = phi.map(Math.abs)
      const large = sizes.toSorted()[Math.max(0, n - 4)]!
      scored!.push(rowsScored + 1)
      errors!.push(relativeError(values, phi))
      agreements!.push(topAgreement(values, phi))
      phi.forEach((value, i) => {
        const half = halfWidth([i])
        const hit = Math.abs(values[i]! - value) <= half ? 1 : 0
        inside!.push(hit)
        if (sizes[i]! >= large) insideLargest!.push(hit)
        widths!.push(half / Math.max(...sizes))
      })
    })
  }
  return {
    budget,
    rows: quantile(scored!, 0.5),
    error: quantile(errors!, 0.5),
    topAgreement: mean(agreements!),
    covered: mean(inside!),
    coveredLargest: mean(insideLargest!),
    width: quantile(widths!, 0.5),
  }
}
