import type { DecisionExplanation } from './explanation.ts'

/** The line of `raison explain`: the event itself, its contributions only when all of them are asked for. */
export function explanationToJson(explanation: DecisionExplanation, contributions: 'all' | 'reasons'): string {
  const { contributions: all, contributionsCut, ...rest } = explanation
  return JSON.stringify(contributions === 'all' ? { ...rest, contributions: all, contributionsCut } : rest)
}
