/** What a feature may be on the wire. */
export type FeatureValue = number | string | null

export interface ModelVersion {
  readonly name: string
  readonly version: string
}

/** A decision as the bank's scoring service publishes it. Optional fields follow from the model and its cutoff. */
export interface ScoredDecision {
  readonly eventId: string
  readonly decisionId: string
  /** ISO 8601, UTC. */
  readonly decidedAt: string
  readonly model: ModelVersion
  readonly features: Readonly<Record<string, FeatureValue>>
  readonly score: number | undefined
  readonly outcome: string | undefined
}
