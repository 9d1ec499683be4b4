import type { Baseline } from '../baseline/baseline.ts'
import { DriftError } from '../drift-error.ts'
import { binCount, sameScale } from '../statistics/scale.ts'
import { histogram, type Window } from '../window/window.ts'
import { distancesBetween, type Distances } from './distances.ts'
import { meanAbsolute } from './moments.ts'
import { ndcg, spearman } from './rankings.ts'

/** How a window differs from the reference by the usual measures: to be looked at, not to raise alarms. */
export interface WindowDescription {
  readonly ndcg: number
  readonly spearman: number
  readonly features: readonly FeatureDescription[]
}

/** Distances are those of the feature's share. */
export interface FeatureDescription extends Distances {
  readonly feature: string
  /** Mean |c|, live and in the reference. */
  readonly importance: number
  readonly referenceImportance: number
}

/** Undefined for an empty window. Throws WINDOW_MISMATCH. */
export function describeWindow({ scale, reference }: Baseline, window: Window): WindowDescription | undefined {
  if (!sameScale(scale, window.scale))
    throw new DriftError('WINDOW_MISMATCH', 'the window was counted for another baseline: describe it with its own')
  if (window.explanations === 0) return undefined
  const [live, before] = [meanAbsolute(window), meanAbsolute(reference)]
  return {
    ndcg: ndcg(before, live),
    spearman: spearman(before, live),
    features: scale.features.map((feature, i) => ({
      feature,
      importance: live[i]!,
      referenceImportance: before[i]!,
      ...distancesBetween(histogram(reference, i), histogram(window, i), (scale.high[i]! - scale.low[i]!) / binCount),
    })),
  }
}
