import type { ScoredDecision } from './decision.ts'
import type { DriftSignal } from './drift-signal.ts'
import { EventError } from './event-error.ts'
import type { DecisionExplanation } from './explanation.ts'
import { explanationFromWire } from './explanation-wire.ts'
import type { MonitorInput } from './monitor-input.ts'
import type { MonitoredExplanation } from './monitored-explanation.ts'
import type { QuarantinedRecord } from './quarantined-record.ts'
import { readMonitored } from './read-monitored.ts'
import type { RegistryConfig } from './registry.ts'
import { schemaType } from './schemas.ts'
import type { TopicKey } from './topics.ts'
import { frame, schemaIdOf, unframe } from './wire-format.ts'
import { writeExplanation } from './write-explanation.ts'
import { openWriterSchemas, type ReadBody } from './writer-schemas.ts'

/** A record's value to an event. Answers at once where the writer's schema is known already. Throws EventError. */
export type Decode<T> = (value: Buffer | null) => T | Promise<T>
/** An event to a record's value, in a slice that stays valid. Throws TypeError where the event is not of its type: a bug. */
export type Encode<T> = (event: T) => Buffer

/** Decodes ScoredDecision. Beside the codec's own errors: EVENT_INVALID where the event has no identity. */
export function createDecisionDecoder(registry: RegistryConfig): Decode<ScoredDecision> {
  return createDecoder(registry, 'decisions', decisionFromWire)
}

/** Decodes DecisionExplanation; what is null on the wire comes as undefined. */
export function createExplanationDecoder(registry: RegistryConfig): Decode<DecisionExplanation> {
  return createDecoder(registry, 'explained', explanationFromWire)
}

/** Decodes what is watched of a DecisionExplanation, and passes over the rest. */
export function createMonitoredDecoder(registry: RegistryConfig): Decode<MonitoredExplanation> {
  return createDecoder(registry, 'explained', explanationFromWire, readMonitored)
}

/** Decodes QuarantinedRecord, the bytes of the record that was set aside included. */
export function createQuarantineDecoder(registry: RegistryConfig): Decode<QuarantinedRecord> {
  return createDecoder(registry, 'quarantined', quarantinedFromWire)
}

/** Decodes MonitorInput. */
export function createMonitorInputDecoder(registry: RegistryConfig): Decode<MonitorInput> {
  return createDecoder(registry, 'windows', monitorInputFromWire)
}

/** Decodes DriftSignal. */
export function createDriftSignalDecoder(registry: RegistryConfig): Decode<DriftSignal> {
  return createDecoder(registry, 'drift', (wire) => wire as DriftSignal)
}

/** Encodes ScoredDecision; the schema ids of all encoders are those that `registerSchemas` answers. */
export function createDecisionEncoder({ decisions }: { readonly decisions: number }): Encode<ScoredDecision> {
  return createEncoder('decisions', decisions)
}

/** Encodes DecisionExplanation. The bytes of its model, reference, features and texts are remembered by the object: nobody may change one that was encoded. */
export function createExplanationEncoder({ explained }: { readonly explained: number }): Encode<DecisionExplanation> {
  return createEncoder('explained', explained, writeExplanation)
}

/** Encodes QuarantinedRecord. */
export function createQuarantineEncoder({ quarantined }: { readonly quarantined: number }): Encode<QuarantinedRecord> {
  return createEncoder('quarantined', quarantined)
}

/** Encodes MonitorInput. */
export function createMonitorInputEncoder({ windows }: { readonly windows: number }): Encode<MonitorInput> {
  return createEncoder('windows', windows)
}

/** Encodes DriftSignal. */
export function createDriftSignalEncoder({ drift }: { readonly drift: number }): Encode<DriftSignal> {
  return createEncoder('drift', drift)
}

/** Fields that are undefined are written as their default, which is null wherever they may be absent. */
function createEncoder<T>(topic: TopicKey, schemaId: number, write?: (event: T) => void): Encode<T> {
  const type = schemaType(topic)
  return (event) => frame(schemaId, type, event, write)
}

type WireDecision = Omit<ScoredDecision, 'score' | 'outcome'> & {
  readonly score: number | null
  readonly outcome: string | null
}

/** What Avro leaves out comes as its default: an identity is there when it is not empty. */
export function decisionFromWire(wire: unknown): ScoredDecision {
  const { eventId, decisionId, decidedAt, model, features, score, outcome } = wire as WireDecision
  if (eventId === '') throw new EventError('EVENT_INVALID', 'eventId is empty: every event needs its own identity')
  if (model.name === '' || model.version === '')
    throw new EventError(
      'EVENT_INVALID',
      `event ${eventId}: model.name or model.version is empty: say which model decided`,
    )
  if (score !== null && !Number.isFinite(score))
    throw new EventError('EVENT_INVALID', `event ${eventId}: the score is ${score}: publish a finite one, or none`)
  return {
    eventId,
    decisionId: decisionId === '' ? eventId : decisionId,
    decidedAt,
    model,
    features,
    score: score ?? undefined,
    outcome: outcome ?? undefined,
  }
}

export function quarantinedFromWire(wire: unknown): QuarantinedRecord {
  const record = wire as QuarantinedRecord
  return { ...record, key: record.key ?? undefined, value: record.value ?? undefined }
}

/** A record that is neither says nothing: the reader passes over it. */
function monitorInputFromWire(wire: unknown): MonitorInput {
  const { rows, command } = wire as { readonly [Key in keyof MonitorInput]: MonitorInput[Key] | null }
  return { rows: rows ?? undefined, command: command ?? undefined }
}

/** `readOwn`, where given, reads what our own schema has written. */
function createDecoder<T>(
  registry: RegistryConfig,
  topic: TopicKey,
  toEvent: (wire: unknown) => T,
  readOwn?: (bytes: Buffer, offset: number) => T,
): Decode<T> {
  const schemas = openWriterSchemas(registry, schemaType(topic), readOwn)
  const decodeWith = (value: Buffer, read: ReadBody): T =>
    read === readOwn ? (unframe(value, read) as T) : toEvent(unframe(value, read))
  return (value) => {
    const read = schemas.find(schemaIdOf(value))
    return read instanceof Promise ? read.then((late) => decodeWith(value!, late)) : decodeWith(value!, read)
  }
}
