import type { FeatureValue, MonitoredExplanation } from '@raison/events'
import { findValue, valuedFeatures, type SliceRule } from './slices.ts'

/** Why no decision of a model can be in a slice. */
export interface EmptySlice {
  readonly slice: string
  readonly feature: string
  readonly model: string
  readonly version: string
  readonly reason: string
  /** The names of the model's features; of many the first. */
  readonly features: string
}

/** More than a monitor sees; a topic that others write to may name any number, of which no more is told. */
const mostModels = 1000

/** Of names in the log. */
const mostText = 2000

/**
 * Finds slices that stay empty: no explanation of a model has their feature, or its values are of another type. Each is told once
 * for a model, by the first explanation that says so.
 */
export function checkSlices(
  slices: readonly SliceRule[],
): (explanation: Pick<MonitoredExplanation, 'model' | 'contributions' | 'contributionsCut'>) => readonly EmptySlice[] {
  /** By model, the slices of whose feature all values so far were missing. */
  const unsettled = new Map<string, readonly SliceRule[]>()
  return ({ model, contributions, contributionsCut }) => {
    const rules = unsettled.get(model.sha256) ?? (unsettled.size < mostModels ? slices : [])
    if (rules.length === 0 || contributionsCut || contributions.length === 0) return []
    unsettled.set(
      model.sha256,
      rules.filter(({ feature }) => findValue(contributions, feature) === null),
    )
    return rules.flatMap((rule) => {
      const reason = whyEmpty(rule, findValue(contributions, rule.feature))
      if (reason === undefined) return []
      const features = valuedFeatures(contributions).join(', ').slice(0, mostText)
      return [{ slice: rule.name, feature: rule.feature, model: model.name, version: model.version, reason, features }]
    })
  }
}

function whyEmpty({ equals }: SliceRule, value: FeatureValue | undefined): string | undefined {
  if (value === undefined) return 'no explanation of this model has the feature'
  if (value === null || equals === null) return undefined
  const [is, asked] = [kindOf(value), equals === undefined ? 'number' : kindOf(equals)]
  return is === asked ? undefined : `the feature is a ${is}, and the slice asks for a ${asked}`
}

const kindOf = (value: string | number): string => (typeof value === 'number' ? 'number' : 'text')
