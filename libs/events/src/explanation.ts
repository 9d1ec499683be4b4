import type { FeatureValue, ModelVersion } from './decision.ts'

export interface Interval {
  readonly low: number
  readonly high: number
}

export interface Contribution {
  /** The player: a feature, or the name of a group. */
  readonly feature: string
  /** A group's value is an object, one entry per feature. */
  readonly value: FeatureValue | Readonly<Record<string, FeatureValue>>
  readonly contribution: number
  /** 95 %; absent where the contribution is exact. */
  readonly interval: Interval | undefined
}

export interface ExplanationReason {
  readonly code: string
  readonly rank: number
  readonly direction: string
  readonly contribution: number
  readonly interval: Interval | undefined
  readonly share: number
  readonly features: readonly string[]
  readonly value: FeatureValue
  readonly referenceValue: FeatureValue
  readonly texts: Readonly<Record<string, string>>
  readonly actionable: boolean
  readonly tieBroken: boolean
}

/** OK: explained, whatever the outcome. REVIEW_REQUIRED: explained, but a person must look. NOT_APPLICABLE: a constant model. */
export type ExplanationStatus = 'OK' | 'REVIEW_REQUIRED' | 'NOT_APPLICABLE'

/** What a CRM, an analyst and an auditor need of one decision. Mirrors schemas/decision-explanation.avsc. */
export interface DecisionExplanation {
  readonly explanationId: string
  readonly eventId: string
  readonly decisionId: string
  readonly decidedAt: string
  /** Follows the record's timestamp, never a clock: replay gives the same bytes. */
  readonly explainedAt: string
  readonly status: ExplanationStatus
  readonly reviewReasons: readonly string[]
  readonly outcome: string
  readonly score: number
  readonly space: string
  readonly cutoff: number
  readonly adverse: 'high' | 'low'
  readonly model: ModelVersion & { readonly sha256: string }
  readonly reference: { readonly population: string; readonly sha256: string; readonly rows: number }
  readonly catalogueVersion: string
  readonly policyVersion: string
  readonly method: string
  readonly budget: { readonly rows: number; readonly seed: string }
  /** Hex sha256 of the row that was explained. */
  readonly inputHash: string
  readonly artefactSha256: string | undefined
  readonly softwareVersion: string
  readonly baseValue: number
  readonly modelOutput: number
  readonly contributions: readonly Contribution[]
  readonly contributionsCut: boolean
  readonly quality: {
    readonly additivityGap: number
    /** |published score − score of the bundle's model|; undefined when the decision carries no score. */
    readonly scoreParityGap: number | undefined
    readonly surrogateFidelity: number | undefined
    readonly topSettled: boolean
    readonly degraded: boolean
  }
  readonly reasons: readonly ExplanationReason[]
}
