import type { OutputRecord, Processor, RawRecord, Result } from './processor.ts'
import { StreamError } from './stream-error.ts'
import { continueTrace } from './trace-context.ts'

export interface PreparedBatch {
  /** One per record, in order: its output or its quarantine. */
  readonly outputs: readonly OutputRecord[]
  readonly quarantined: number
  /** How many of them for which code, or name of an error without code. */
  readonly quarantinedByCode: ReadonlyMap<string, number>
  /** Called once it is committed, and never for a batch that is prepared again; must not throw. */
  readonly onCommitted?: (() => void) | undefined
}

type Stage = 'decode' | 'process' | 'encode'

/** Per output topic the largest record it takes, in bytes of key, value and headers together. */
export type RecordLimits = ReadonlyMap<string, number>

/**
 * A batch's records to its outputs, here or on another thread. Throws StreamError: PROCESSOR_RETRY when the same batch may
 * succeed later, PROCESSOR_FAILED when it never will.
 */
export type PrepareBatch = (records: readonly RawRecord[], limits: RecordLimits) => Promise<PreparedBatch>

/** Decode, process, encode: poison becomes quarantine in its own place, any other failure is thrown with the record's position. */
export function prepareWith<In, Out>(processor: Processor<In, Out>): PrepareBatch {
  return async (records, limits) => {
    const parts: PreparedBatch[] = []
    for (let begin = 0; begin < records.length; begin += atOnce)
      parts.push(await preparePart(processor, records.slice(begin, begin + atOnce), limits))
    return {
      outputs: parts.flatMap(({ outputs }) => outputs),
      quarantined: parts.reduce((sum, { quarantined }) => sum + quarantined, 0),
      quarantinedByCode: countByCode(parts),
    }
  }
}

/**
 * Records that are events at the same time. As events a whole transaction is more than a core's caches and the young
 * generation of the heap hold: explanations of 1,000 at once took a quarter more processor time than of 256.
 */
const atOnce = 256

async function preparePart<In, Out>(
  processor: Processor<In, Out>,
  records: readonly RawRecord[],
  limits: RecordLimits,
): Promise<PreparedBatch> {
  let quarantined = 0
  const quarantinedByCode = new Map<string, number>()
  const setAside = (record: RawRecord, stage: Stage, error: unknown): OutputRecord => {
    if (!isOversize(error) && !processor.isPoison(error)) throw failed(processor, record, stage, error)
    quarantined++
    countInto(quarantinedByCode, codeOf(error), 1)
    try {
      return withinLimit(continueTrace(processor.toQuarantine(record, stage, error), record), limits)
    } catch (failure) {
      throw failed(processor, record, stage, failure)
    }
  }

  const decoded = await decodeAll(processor, records)
  const results = await processAll(processor, decoded).catch((error) => {
    throw failed(processor, records[0]!, 'process', error)
  })
  const outputs = records.map((record, i) => {
    const event = decoded[i]!
    if (!event.ok) return setAside(record, 'decode', event.error)
    const result = results[i]!
    if (!result.ok) return setAside(record, 'process', result.error)
    try {
      return encodeWithinLimit(processor, result.value, record, limits)
    } catch (error) {
      return setAside(record, 'encode', error)
    }
  })
  return { outputs, quarantined, quarantinedByCode }
}

function countByCode(parts: readonly PreparedBatch[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { quarantinedByCode } of parts)
    for (const [code, count] of quarantinedByCode) countInto(counts, code, count)
  return counts
}

function countInto(counts: Map<string, number>, code: string, count: number): void {
  counts.set(code, (counts.get(code) ?? 0) + count)
}

function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'UNKNOWN'
}

async function decodeAll<In, Out>(processor: Processor<In, Out>, records: readonly RawRecord[]): Promise<Result<In>[]> {
  const decoded: Result<In>[] = []
  for (const record of records) {
    try {
      const event = processor.decode(record)
      decoded.push({ ok: true, value: event instanceof Promise ? await event : event })
    } catch (error) {
      decoded.push({ ok: false, error })
    }
  }
  return decoded
}

/** Results at the places of their records; where decoding failed, that failure. */
async function processAll<In, Out>(
  processor: Processor<In, Out>,
  decoded: readonly Result<In>[],
): Promise<Result<Out>[]> {
  const events = decoded.filter((event) => event.ok).map((event) => event.value)
  if (events.length === 0) return decoded.filter((event) => !event.ok)
  const results = await processor.process(events)
  if (results.length !== events.length)
    throw new Error(`the processor gave ${results.length} results for ${events.length} events`)
  let next = 0
  return decoded.map((event) => (event.ok ? results[next++]! : event))
}

/** An output that its topic would refuse is shrunk until it fits, or until shrinking gains nothing. */
function encodeWithinLimit<In, Out>(
  processor: Processor<In, Out>,
  value: Out,
  source: RawRecord,
  limits: RecordLimits,
): OutputRecord {
  let output = continueTrace(processor.encode(value, source), source)
  let size = recordSize(output)
  const limit = limitOf(output.topic, limits)
  let smaller: Out | undefined = value
  while (size > limit) {
    smaller = processor.shrink?.(smaller)
    if (smaller === undefined) throw oversize(output, limit)
    const shrunk = continueTrace(processor.encode(smaller, source), source)
    if (recordSize(shrunk) >= size) throw oversize(output, limit)
    output = shrunk
    size = recordSize(output)
  }
  return output
}

/** The quarantine has no quarantine: its topic must take what the input topic took. */
function withinLimit(output: OutputRecord, limits: RecordLimits): OutputRecord {
  const limit = limitOf(output.topic, limits)
  if (recordSize(output) > limit) throw oversize(output, limit)
  return output
}

function limitOf(topic: string, limits: RecordLimits): number {
  const limit = limits.get(topic)
  if (limit === undefined)
    throw new StreamError('TOPIC_MISSING', `${topic} is not among the output topics of the configuration`)
  return limit
}

/** Two lengths before a header's name and value, of five bytes each at most. */
const headerOverhead = 10

/** Bytes of key, value and headers. */
export function recordSize({ key, value, headers }: OutputRecord): number {
  let size = Buffer.byteLength(key) + (value?.length ?? 0)
  for (const name in headers) size += Buffer.byteLength(name) + Buffer.byteLength(headers[name]!) + headerOverhead
  return size
}

function oversize(output: OutputRecord, limit: number): StreamError {
  return new StreamError(
    'RECORD_TOO_LARGE',
    `a record of ${recordSize(output)} bytes for ${output.topic}, which takes ${limit}: raise max.message.bytes of the topic`,
  )
}

function isOversize(error: unknown): boolean {
  return error instanceof StreamError && error.code === 'RECORD_TOO_LARGE'
}

/** Names the place, never the content: the cause is for the caller, not for the log. */
function failed<In, Out>(
  processor: Processor<In, Out>,
  { topic, partition, offset }: RawRecord,
  stage: Stage,
  cause: unknown,
): StreamError {
  const mayPass = processor.isRetryable?.(cause) === true
  const why = mayPass ? describe(cause) : nameOf(cause)
  const message = `${stage} failed at ${topic}-${partition} offset ${offset} (${why}); the position is kept, a restart begins here`
  return new StreamError(mayPass ? 'PROCESSOR_RETRY' : 'PROCESSOR_FAILED', message, { cause })
}

/** Of what is around us, not of the record: it may be told in full. */
function describe(cause: unknown): string {
  return cause instanceof Error ? `${nameOf(cause)}: ${cause.message}` : nameOf(cause)
}

/** Our own errors hold no values of records; of another's only the kind is said. */
export function nameOf(cause: unknown): string {
  if (cause instanceof StreamError) return `${cause.code}: ${cause.message}`
  return cause instanceof Error
    ? [cause.name, (cause as Error & { code?: unknown }).code].filter(Boolean).join(' ')
    : typeof cause
}
