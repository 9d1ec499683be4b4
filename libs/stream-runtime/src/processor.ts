/** A record as it lies in a topic. */
export interface RawRecord {
  readonly topic: string
  readonly partition: number
  /** A decimal number, as kafkajs gives it. */
  readonly offset: string
  readonly timestamp: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | undefined>>
}

/** A record to be written; without a partition its key decides. No value: a tombstone. */
export interface OutputRecord {
  readonly topic: string
  readonly partition?: number
  readonly key: Buffer | string
  readonly value: Buffer | null
  readonly timestamp?: string
  readonly headers?: Readonly<Record<string, Buffer | string>>
}

/** What one event of a batch came to; `error` is its own, and leaves the others alone. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** What a service does with a batch. The runtime knows no error of its own: the service says which can never succeed. */
export interface Processor<In, Out> {
  /** May fetch a writer schema. */
  decode(record: RawRecord): In | Promise<In>
  /** One result per event, in order: a failure names its own record, never the batch. */
  process(events: readonly In[]): Promise<readonly Result<Out>[]>
  encode(output: Out, source: RawRecord): OutputRecord
  toQuarantine(record: RawRecord, stage: 'decode' | 'process' | 'encode', error: unknown): OutputRecord
  /** True when this record can never succeed: it is set aside. Every other error stops the service with the position kept. */
  isPoison(error: unknown): boolean
  /** True when the same batch may succeed later (registry away, model not there yet): it is tried again, the position kept. */
  isRetryable?(error: unknown): boolean
  /** A smaller form of an output whose record the topic would refuse; undefined when nothing is left to cut: it is quarantined. */
  shrink?(output: Out): Out | undefined
}
