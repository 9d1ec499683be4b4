import { sides } from '../baseline/baseline.ts'
import type { Responsible } from '../drift-detector.ts'
import { statisticsOf } from '../statistics/statistics.ts'
import { betsEach, stakes } from './bets.ts'
import { logRatioOf, type EvidenceState } from './evidence-state.ts'
import { finiteExp, logSumExp } from './log-sum.ts'
import type { Slice } from './slice.ts'

/** The part of one feature of one slice in the evidence, with the bet of it that found most. */
export interface Part extends Responsible {
  /** `evidence` in logs, which has no largest. */
  readonly logEvidence: number
}

/** The evidence of every feature of every slice: the sum of its bets, each with the same weight. */
export function partsOf(slices: readonly Slice[], state: EvidenceState, logWeight: number): Part[] {
  let first = 0
  return slices.flatMap(({ name, baseline }) => {
    const { features, adverse } = baseline.scale
    const statistics = statisticsOf(adverse)
    const from = first
    first += statistics.length * features.length * betsEach
    const logs = new Float64Array(statistics.length * betsEach)
    /** Of bet number `bet` on a feature, its place in the state. */
    const placeOf = (i: number, bet: number): number =>
      from + (Math.floor(bet / betsEach) * features.length + i) * betsEach + (bet % betsEach)
    return features.map((feature, i) => {
      let leading = 0
      for (let bet = 0; bet < logs.length; bet++) {
        logs[bet] = logWeight + logRatioOf(state.growth[placeOf(i, bet)]!)
        if (logs[bet]! > logs[leading]!) leading = bet
      }
      const logEvidence = logSumExp(logs)
      return {
        feature,
        slice: name,
        statistic: statistics[Math.floor(leading / betsEach)]!,
        direction: sides[Math.floor((leading % betsEach) / stakes.length)]!,
        evidence: finiteExp(logEvidence),
        since: state.since[placeOf(i, leading)]!,
        logEvidence,
      }
    })
  })
}

/** Not named: less than this share of the evidence of the most responsible, unless it would have raised the alarm alone. */
const leastShare = 0.05

/** The features with the largest parts, most responsible first. */
export function nameResponsible(parts: readonly Part[], runLength: number): Part[] {
  const sorted = parts.toSorted((one, other) => other.logEvidence - one.logEvidence)
  const least = Math.min(sorted[0]!.logEvidence + Math.log(leastShare), Math.log(runLength))
  return sorted.filter((part) => part.logEvidence >= least)
}
