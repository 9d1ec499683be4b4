export type { FeatureValue, ModelVersion, ScoredDecision } from './decision.ts'
export type {
  Contribution,
  DecisionExplanation,
  ExplanationReason,
  ExplanationStatus,
  Interval,
} from './explanation.ts'
