import { featureNames, type FeatureName, type Features } from './application.ts'
import { trueEffects } from './true-effects.ts'

/**
 * How much each feature moves the true log-odds among these applicants: the mean distance of its effects from their
 * mean, half of an interaction for each of its two features.
 */
export function trueImportance(applicants: readonly Features[]): ReadonlyMap<FeatureName, number> {
  const perFeature = new Map(featureNames.map((name) => [name, new Float64Array(applicants.length)]))
  for (const { features, logOdds } of trueEffects)
    for (const name of features) {
      const sums = perFeature.get(name)!
      applicants.forEach((applicant, row) => (sums[row]! += logOdds(applicant) / features.length))
    }
  return new Map([...perFeature].map(([name, sums]) => [name, meanDistance(sums)]))
}

function meanDistance(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.reduce((sum, value) => sum + Math.abs(value - mean), 0) / values.length
}
