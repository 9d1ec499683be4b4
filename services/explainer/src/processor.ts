import { EventError, type DecisionExplanation, type QuarantinedRecord, type ScoredDecision } from '@raison/events'
import { explainDecisions, refusalCode, type DecisionAt } from '@raison/explaining'
import type { OutputRecord, Processor, RawRecord } from '@raison/stream-runtime'
import type { BundleShelf } from './bundle-shelf.ts'
import { countExplained, type TellExplained } from './explained-news.ts'
import { createHold } from './hold-unknown-model.ts'

/** The events' codecs, bound to one registry. */
export interface Codecs {
  decodeDecision(value: Buffer | null): ScoredDecision | Promise<ScoredDecision>
  encodeExplanation(explanation: DecisionExplanation): Buffer
  encodeQuarantined(record: QuarantinedRecord): Buffer
}

export interface ProcessorSettings {
  readonly codecs: Codecs
  readonly shelf: BundleShelf
  readonly topics: { readonly explained: string; readonly quarantined: string }
  readonly contributions: 'all' | 'reasons'
  readonly holdSeconds: number
  readonly now: () => number
  readonly tell?: TellExplained
}

/** What the explainer does with a record of the decisions topic. */
export function createProcessor(settings: ProcessorSettings): Processor<DecisionAt, DecisionExplanation> {
  const { codecs, shelf, topics, contributions } = settings
  const hold = createHold(settings.holdSeconds * 1000, settings.now)
  const isRetryable = (error: unknown): boolean =>
    (error instanceof EventError && error.isOfRegistry) || hold.keeps(error)
  return {
    decode(record) {
      const at = (decision: ScoredDecision): DecisionAt => ({
        decision,
        position: positionOf(record),
        timestamp: timeOf(record),
      })
      const decision = codecs.decodeDecision(record.value)
      return decision instanceof Promise ? decision.then(at) : at(decision)
    },
    async process(decisions) {
      const began = performance.now()
      const results = await shelf.during(() => explainDecisions(decisions, { findModel: shelf.find }))
      const explained = results.flatMap((result) => (result.ok ? [result.value] : []))
      settings.tell?.({ methods: countExplained(explained, performance.now() - began) })
      for (const result of results) if (!result.ok) hold.keeps(result.error) // every missing model waits from now on, not one after the other
      return results
    },
    encode: (explanation, source) => ({
      topic: topics.explained,
      key: explanation.decisionId,
      value: codecs.encodeExplanation(contributions === 'all' ? explanation : reasonsOnly(explanation)),
      timestamp: source.timestamp,
      headers: { 'raison-source': positionOf(source) },
    }),
    toQuarantine: (record, stage, error) => quarantine(record, stage, error, codecs, topics.quarantined),
    isPoison: (error) => refusalCode(error) !== undefined && !isRetryable(error),
    isRetryable,
    shrink: (explanation) => (explanation.contributionsCut ? undefined : reasonsOnly(explanation)),
  }
}

/** Contributions cut to those that are reasons, and flagged. */
function reasonsOnly(explanation: DecisionExplanation): DecisionExplanation {
  const told = new Set(explanation.reasons.flatMap(({ features }) => features))
  const isTold = ({ feature, value }: DecisionExplanation['contributions'][number]): boolean =>
    told.has(feature) ||
    (typeof value === 'object' && value !== null && Object.keys(value).some((name) => told.has(name)))
  return { ...explanation, contributions: explanation.contributions.filter(isTold), contributionsCut: true }
}

function quarantine(record: RawRecord, stage: string, error: unknown, codecs: Codecs, topic: string): OutputRecord {
  const value = codecs.encodeQuarantined({
    topic: record.topic,
    partition: record.partition,
    offset: Number(record.offset),
    key: record.key ?? undefined,
    value: record.value ?? undefined,
    headers: headersOf(record),
    stage,
    code: (error as Error & { code: string }).code,
    message: (error as Error).message,
    firstSeen: dateOf(record)?.toISOString() ?? '',
  })
  return {
    topic,
    key: record.key ?? '',
    value,
    ...(dateOf(record) !== undefined && { timestamp: record.timestamp }),
    headers: { 'raison-source': positionOf(record) },
  }
}

/** kafkajs gives null for a header without value, whatever its types say; it is kept as an empty one. */
function headersOf({ headers }: RawRecord): Record<string, Buffer> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value ?? '')]))
}

/** The record's timestamp, ISO 8601. */
function timeOf(record: RawRecord): string {
  const date = dateOf(record)
  if (date === undefined)
    throw new EventError(
      'EVENT_INVALID',
      `the record's timestamp, ${record.timestamp}, is no time in milliseconds: check the producer's clock and unit`,
    )
  return date.toISOString()
}

/** Undefined beyond what a date can be: a producer may stamp nanoseconds. */
function dateOf({ timestamp }: RawRecord): Date | undefined {
  const date = new Date(Number(timestamp))
  return Number.isNaN(date.getTime()) ? undefined : date
}

function positionOf({ topic, partition, offset }: RawRecord): string {
  return `${topic}/${partition}/${offset}`
}
