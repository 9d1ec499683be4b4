/** What the house decides about explanations; `version` is written into each of them. */
export interface Policy {
  readonly version: string
  /** Reasons per decision, at most four. */
  readonly mostReasons: number
  /** |published score − score of the bundle's model| above which a person must look. */
  readonly scoreParityTolerance: number
}

/** Scores are often published with three decimals: rounding alone must not call a person. */
export const defaultPolicy: Policy = { version: '1', mostReasons: 4, scoreParityTolerance: 1e-3 }
