import type { ScoredDecision } from './decision.ts'
import { EventError } from './event-error.ts'
import type { DecisionExplanation } from './explanation.ts'
import { explanationFromWire, explanationToWire } from './explanation-wire.ts'
import type { QuarantinedRecord } from './quarantined-record.ts'
import { openRegistry, type RegistryConfig, type TopicKey } from './registry.ts'
import { schemaType } from './schemas.ts'
import { frame, schemaIdOf, unframe } from './wire-format.ts'
import { openWriterSchemas } from './writer-schemas.ts'

/** A record's value to an event. Answers at once where the writer's schema is known already. Throws EventError. */
export type Decode<T> = (value: Buffer | null) => T | Promise<T>
export type Encode<T> = (event: T) => Buffer

/** Decodes ScoredDecision. Beside the codec's own errors: EVENT_INVALID where the event has no identity. */
export function createDecisionDecoder(registry: RegistryConfig): Decode<ScoredDecision> {
  return createDecoder(registry, 'decisions', (wire) => {
    const { eventId, decisionId, decidedAt, model, features, score, outcome } = wire as WireDecision
    if (eventId === '') throw new EventError('EVENT_INVALID', 'eventId is empty: every event needs its own identity')
    if (model.name === '' || model.version === '')
      throw new EventError(
        'EVENT_INVALID',
        `event ${eventId}: model.name or model.version is empty: say which model decided`,
      )
    return {
      eventId,
      decisionId: decisionId === '' ? eventId : decisionId,
      decidedAt,
      model,
      features,
      score: score ?? undefined,
      outcome: outcome ?? undefined,
    }
  })
}

/** Schema ids as `registerSchemas` gives them. */
export function createDecisionEncoder({ decisions }: { readonly decisions: number }): Encode<ScoredDecision> {
  const type = schemaType('decisions')
  return (decision) =>
    frame(decisions, type, { ...decision, score: decision.score ?? null, outcome: decision.outcome ?? null })
}

export function createExplanationDecoder(registry: RegistryConfig): Decode<DecisionExplanation> {
  return createDecoder(registry, 'explained', explanationFromWire)
}

export function createExplanationEncoder({ explained }: { readonly explained: number }): Encode<DecisionExplanation> {
  const type = schemaType('explained')
  return (explanation) => frame(explained, type, explanationToWire(explanation))
}

export function createQuarantineEncoder({ quarantined }: { readonly quarantined: number }): Encode<QuarantinedRecord> {
  const type = schemaType('quarantined')
  return (record) => frame(quarantined, type, { ...record, key: record.key ?? null, value: record.value ?? null })
}

type WireDecision = Omit<ScoredDecision, 'score' | 'outcome'> & {
  readonly score: number | null
  readonly outcome: string | null
}

function createDecoder<T>(registry: RegistryConfig, topic: TopicKey, toEvent: (wire: unknown) => T): Decode<T> {
  const schemas = openWriterSchemas(openRegistry(registry), schemaType(topic))
  return (value) => {
    const read = schemas.find(schemaIdOf(value))
    return read instanceof Promise
      ? read.then((late) => toEvent(unframe(value!, late)))
      : toEvent(unframe(value!, read))
  }
}
