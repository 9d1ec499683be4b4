import type { Baseline } from '../baseline/baseline.ts'
import { meanAbsolute, momentsOf } from './moments.ts'
import { ndcg, spearman } from './rankings.ts'

/** What changed from one model version to the next. */
export interface BaselineComparison {
  /** Of the features that both have. */
  readonly ndcg: number
  readonly spearman: number
  /** Those of the newer baseline in its order, then those that it no longer has. */
  readonly features: readonly FeatureComparison[]
}

/** Undefined where a baseline has no such feature. */
export interface FeatureComparison {
  readonly feature: string
  readonly before: FeatureSummary | undefined
  readonly after: FeatureSummary | undefined
}

/** Means over the reference: |c|, share, signed share, and how often the feature is among the top four. */
export interface FeatureSummary {
  readonly importance: number
  readonly share: number
  readonly signedShare: number
  readonly topFour: number
}

/** Compares two baselines of explanations, whose features may differ. Throws WINDOW_MISMATCH for baselines of plain values. */
export function compareBaselines(older: Baseline, newer: Baseline): BaselineComparison {
  const [before, after] = [summaries(older), summaries(newer)]
  const common = Array.from(after.keys()).filter((feature) => before.has(feature))
  const importances = (of: typeof before) => Float64Array.from(common, (feature) => of.get(feature)!.importance)
  return {
    ndcg: ndcg(importances(before), importances(after)),
    spearman: spearman(importances(before), importances(after)),
    features: Array.from(new Set([...after.keys(), ...before.keys()]), (feature) => ({
      feature,
      before: before.get(feature),
      after: after.get(feature),
    })),
  }
}

function summaries({ scale, reference }: Baseline): Map<string, FeatureSummary> {
  const importances = meanAbsolute(reference)
  return new Map(
    scale.features.map((feature, i) => [
      feature,
      {
        importance: importances[i]!,
        share: momentsOf(reference, 'share', i)!.mean,
        signedShare: momentsOf(reference, 'signed-share', i)!.mean,
        topFour: momentsOf(reference, 'top-four', i)!.mean,
      },
    ]),
  )
}
