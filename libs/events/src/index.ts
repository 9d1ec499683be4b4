export {
  createDecisionDecoder,
  createDecisionEncoder,
  createDriftSignalDecoder,
  createDriftSignalEncoder,
  createExplanationDecoder,
  createExplanationEncoder,
  createMonitoredDecoder,
  createMonitorInputDecoder,
  createMonitorInputEncoder,
  createQuarantineDecoder,
  createQuarantineEncoder,
  type Decode,
  type Encode,
} from './codecs.ts'
export { parseDecision, type DecisionInput } from './decision-json.ts'
export type { FeatureValue, ModelVersion, ScoredDecision } from './decision.ts'
export type { DriftSignal, FeatureDrift, Severity, SignalState } from './drift-signal.ts'
export { EventError, eventErrorCodes, type EventErrorCode } from './event-error.ts'
export { explanationToJson } from './explanation-json.ts'
export type {
  Contribution,
  DecisionExplanation,
  ExplanationReason,
  ExplanationStatus,
  Interval,
} from './explanation.ts'
export type { AlarmAction, AlarmCommand, MonitoredKind, MonitorInput, WindowRows } from './monitor-input.ts'
export type { MonitoredExplanation } from './monitored-explanation.ts'
export type { QuarantinedRecord } from './quarantined-record.ts'
export { registerSchemas } from './register-schemas.ts'
export type { RegistryConfig } from './registry.ts'
export { stateTopicNames, topicNames } from './topics.ts'
