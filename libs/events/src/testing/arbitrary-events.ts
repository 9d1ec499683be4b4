import * as fc from 'fast-check'
import type { FeatureValue, ScoredDecision } from '../decision.ts'
import type { Contribution, DecisionExplanation, ExplanationReason } from '../explanation.ts'
import type { QuarantinedRecord } from '../quarantined-record.ts'

// Every field is named, so the compiler tells when a type gains one; every field takes its awkward values too.

const text = fc.string({ unit: 'binary' })
const name = fc.oneof(text, fc.constantFrom('__proto__', 'constructor', 'toString', ''))
const number = fc.double({ noNaN: true })
/** avsc takes longs to 2^53 − 2 only. */
const count = fc.nat(2 ** 53 - 2)
const optionalNumber = fc.option(number, { nil: undefined })
const bytes = fc.uint8Array().map((array) => Buffer.from(array))
const featureValue: fc.Arbitrary<FeatureValue> = fc.oneof(fc.constant(null), number, text)
const features = fc.dictionary(name, featureValue)
const interval = fc.option(fc.record({ low: number, high: number }), { nil: undefined })

export const arbitraryDecision: fc.Arbitrary<ScoredDecision> = fc.record({
  eventId: fc.string({ minLength: 1 }),
  decisionId: fc.string({ minLength: 1 }),
  decidedAt: text,
  model: fc.record({ name: fc.string({ minLength: 1 }), version: fc.string({ minLength: 1 }) }),
  features,
  score: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
  outcome: fc.option(text, { nil: undefined }),
})

const contribution: fc.Arbitrary<Contribution> = fc.record({
  feature: name,
  value: fc.oneof(featureValue, features),
  contribution: number,
  interval,
})

const reason: fc.Arbitrary<ExplanationReason> = fc.record({
  code: text,
  rank: fc.integer(),
  direction: text,
  contribution: number,
  interval,
  share: number,
  features: fc.array(name),
  value: featureValue,
  referenceValue: featureValue,
  texts: fc.dictionary(fc.constantFrom('en', 'fr'), text),
  actionable: fc.boolean(),
  tieBroken: fc.boolean(),
})

export const arbitraryExplanation: fc.Arbitrary<DecisionExplanation> = fc.record({
  explanationId: text,
  eventId: text,
  decisionId: text,
  decidedAt: text,
  explainedAt: text,
  status: fc.constantFrom('OK', 'REVIEW_REQUIRED', 'NOT_APPLICABLE'),
  reviewReasons: fc.array(text),
  outcome: text,
  score: number,
  space: text,
  cutoff: number,
  adverse: fc.constantFrom('high', 'low'),
  model: fc.record({ name: text, version: text, sha256: text }),
  reference: fc.record({ population: text, sha256: text, rows: count }),
  catalogueVersion: text,
  policyVersion: text,
  method: text,
  budget: fc.record({ rows: count, seed: text }),
  inputHash: text,
  artefactSha256: fc.option(text, { nil: undefined }),
  softwareVersion: text,
  baseValue: number,
  modelOutput: number,
  contributions: fc.array(contribution),
  contributionsCut: fc.boolean(),
  quality: fc.record({
    additivityGap: number,
    scoreParityGap: optionalNumber,
    surrogateFidelity: optionalNumber,
    topSettled: fc.boolean(),
    degraded: fc.boolean(),
  }),
  reasons: fc.array(reason, { maxLength: 4 }),
})

export const arbitraryQuarantined: fc.Arbitrary<QuarantinedRecord> = fc.record({
  topic: text,
  partition: fc.nat(),
  offset: count,
  key: fc.option(bytes, { nil: undefined }),
  value: fc.option(bytes, { nil: undefined }),
  headers: fc.dictionary(name, bytes),
  stage: text,
  code: text,
  message: text,
  firstSeen: text,
})
