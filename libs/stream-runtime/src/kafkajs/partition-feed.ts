import type { KafkaMessage } from 'kafkajs'
import type { PolledBatch, TopicPartition } from '../kafka-port.ts'
import type { RawRecord } from '../processor.ts'

/** Records fetched ahead of the worker, in order; fetching pauses when it holds enough. */
export interface PartitionFeed {
  /** The offset that the next fetch must begin at: anything else was fetched before the position was read. */
  expected: bigint
  push(messages: readonly KafkaMessage[], next: string, highWatermark: string): void
  take(max: number, signal: AbortSignal): Promise<PolledBatch | undefined>
  /** From now on `take` throws. */
  fail(error: Error): void
}

interface Fetched {
  readonly messages: readonly KafkaMessage[]
  /** The offset after them and after the control records that follow them. */
  readonly next: string
}

export interface FeedOptions {
  /** Bytes of keys and values held before fetching pauses; what was under way then still comes. */
  readonly enough: number
  /** Milliseconds that a batch waits for more records when there are fewer than it may have, and fetching goes on. */
  readonly lingerMs: number
  pause(): void
  resume(): void
}

/** An empty feed that begins at `position`; fetching is paused and resumed by what it holds. */
export function createPartitionFeed(
  assigned: TopicPartition,
  position: string,
  { enough, lingerMs, ...fetching }: FeedOptions,
): PartitionFeed {
  const queue: Fetched[] = []
  let taken = 0
  let held = 0
  let end = position
  let paused = false
  let failure: Error | undefined
  let wake: () => void = () => undefined

  function takeNow(max: number): PolledBatch {
    const records: RawRecord[] = []
    let next = position
    while (queue.length > 0 && records.length < max) {
      const { messages, next: after } = queue[0]!
      const stop = Math.min(taken + max - records.length, messages.length)
      for (; taken < stop; taken++) records.push(toRecord(assigned, messages[taken]!))
      const whole = taken === messages.length
      next = whole ? after : messages[taken]!.offset
      if (whole) queue.shift()
      if (whole) taken = 0
    }
    release(records)
    return { records, next, lag: Number(BigInt(end) - BigInt(next)) }
  }

  function countQueued(): number {
    return queue.reduce((count, { messages }) => count + messages.length, -taken)
  }

  function release(records: readonly RawRecord[]): void {
    for (const record of records) held -= sizeOf(record)
    if (!paused || held >= enough / 2) return
    paused = false
    fetching.resume()
  }

  async function linger(max: number, signal: AbortSignal): Promise<void> {
    let over = false
    const timer = setTimeout(() => {
      over = true
      wake()
    }, lingerMs)
    // A feed that is paused gets no more, however long it waits.
    while (!over && !paused && countQueued() < max && failure === undefined && !signal.aborted)
      await wakened(signal, (resolve) => (wake = resolve))
    clearTimeout(timer)
  }

  return {
    expected: BigInt(position),
    push(messages, next, highWatermark) {
      queue.push({ messages, next })
      for (const message of messages) held += sizeOf(message)
      end = highWatermark
      if (!paused && held >= enough) {
        paused = true
        fetching.pause()
      }
      wake()
    },
    async take(max, signal) {
      while (queue.length === 0 && failure === undefined && !signal.aborted)
        await wakened(signal, (resolve) => (wake = resolve))
      if (lingerMs > 0) await linger(max, signal)
      if (failure !== undefined) throw failure
      return signal.aborted ? undefined : takeNow(max)
    },
    fail(error) {
      failure = error
      wake()
    },
  }
}

function sizeOf({ key, value }: { readonly key: Buffer | null; readonly value: Buffer | null }): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

async function wakened(signal: AbortSignal, onWake: (resolve: () => void) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const stop = (): void => resolve()
  signal.addEventListener('abort', stop, { once: true })
  onWake(resolve)
  await promise
  signal.removeEventListener('abort', stop)
}

function toRecord(
  { topic, partition }: TopicPartition,
  { offset, timestamp, key, value, headers }: KafkaMessage,
): RawRecord {
  return { topic, partition, offset, timestamp, key, value, headers: (headers && lastOfEach(headers)) ?? {} }
}

/** A header written several times counts with its last value. */
function lastOfEach(headers: NonNullable<KafkaMessage['headers']>): Record<string, Buffer | string | undefined> {
  const values: Record<string, Buffer | string | undefined> = {}
  for (const name in headers) {
    const value = headers[name]
    values[name] = Array.isArray(value) ? value.at(-1) : value
  }
  return values
}
