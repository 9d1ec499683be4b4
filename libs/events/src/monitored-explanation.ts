import type { Contribution, DecisionExplanation } from './explanation.ts'

/** What is watched of an explanation: the event has it, and so has a line of `raison explain --contributions all`. */
export type MonitoredExplanation = Pick<
  DecisionExplanation,
  'explanationId' | 'decisionId' | 'decidedAt' | 'status' | 'adverse' | 'space' | 'method' | 'artefactSha256'
> & {
  readonly model: Pick<DecisionExplanation['model'], 'name' | 'version' | 'sha256'>
  readonly reference: Pick<DecisionExplanation['reference'], 'sha256'>
  readonly budget: Pick<DecisionExplanation['budget'], 'rows'>
  readonly contributions: readonly (Pick<Contribution, 'feature' | 'contribution' | 'interval'> & {
    readonly value?: Contribution['value'] | undefined
  })[]
  readonly contributionsCut: boolean
  readonly quality: Pick<DecisionExplanation['quality'], 'surrogateFidelity' | 'degraded'>
}
