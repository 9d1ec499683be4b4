import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs'
import { pino, type Logger } from 'pino'
import { createTopics } from '../kafkajs/create-topics.ts'
import { openKafka, type StreamConfig } from '../kafkajs/kafkajs-port.ts'
import type { KafkaPort } from '../kafka-port.ts'
import type { Processor } from '../processor.ts'

/** STREAM_LOG=debug shows what happens. */
export const silent: Logger = pino({ level: process.env['STREAM_LOG'] ?? 'silent' }, pino.destination(2))

/** Input, output and quarantine topics of one test, and its group. */
export interface Stream {
  readonly config: StreamConfig
  readonly input: string
  readonly output: string
  readonly quarantine: string
  port(): KafkaPort
}

export async function createStream(
  brokers: readonly string[],
  partitions: number,
  maxMessageBytes?: number,
): Promise<Stream> {
  const name = randomUUID().slice(0, 8)
  const [input, output, quarantine] = [`in-${name}`, `out-${name}`, `quarantine-${name}`] as const
  const limit = maxMessageBytes ? [{ name: 'max.message.bytes', value: String(maxMessageBytes) }] : []
  await withAdmin(brokers, (admin) =>
    createTopics(admin, [
      { topic: input, numPartitions: partitions },
      { topic: output, numPartitions: partitions, configEntries: limit },
      { topic: quarantine, numPartitions: 1 },
    ]),
  )
  const config: StreamConfig = {
    kafka: { brokers, clientId: 'stream-test' },
    groupId: `group-${name}`,
    inputTopics: [input],
    outputTopics: [output, quarantine],
    sessionTimeoutMs: 6000,
  }
  return { config, input, output, quarantine, port: () => openKafka(config, silent) }
}

/** Passes text through; `poison…` cannot be decoded. A tombstone is poison too. */
export function copyProcessor(stream: Pick<Stream, 'output' | 'quarantine'>): Processor<string, string> {
  return {
    decode({ value }) {
      const text = value?.toString() ?? 'poison: tombstone'
      if (text.startsWith('poison')) throw new SyntaxError(text)
      return text
    },
    process: async (events) => events.map((value) => ({ ok: true, value })),
    encode: (value, { key }) => ({ topic: stream.output, key: key!, value: Buffer.from(value) }),
    toQuarantine: ({ key, value }, stage) => ({
      topic: stream.quarantine,
      key: key ?? '',
      value: value ?? Buffer.alloc(0),
      headers: { stage },
    }),
    isPoison: (error) => error instanceof SyntaxError,
  }
}

/** Records `from` to `to` with values '0', '1', …; key = value, partition = value modulo the partitions. */
export async function feed(
  { config, input }: Stream,
  from: number,
  to: number,
  partitions: number,
  valueOf: (i: number) => string | null = String,
): Promise<void> {
  // Idempotent: a retried request must not put a record twice into the input.
  const producer = client(config.kafka.brokers).producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let start = from; start < to; start += 750) {
    const count = Math.min(750, to - start)
    const messages = Array.from({ length: count }, (_, i) => {
      const value = valueOf(start + i)
      return {
        key: `key-${start + i}`,
        value,
        partition: (start + i) % partitions,
        headers: { number: String(start + i) },
      }
    })
    await producer.send({ topic: input, messages })
  }
  await producer.disconnect()
}

/** Reads a topic as a downstream service would, until `count` committed records have come and nothing follows them for `quietMs`. */
export async function readCommitted(
  brokers: readonly string[],
  topic: string,
  count: number,
  quietMs = 300,
): Promise<(KafkaMessage & { partition: number })[]> {
  const consumer = client(brokers).consumer({
    groupId: `reader-${randomUUID()}`,
    maxWaitTimeInMs: 50,
    readUncommitted: false,
  })
  // By place: whoever has to join the group again begins at the beginning again.
  const records = new Map<string, KafkaMessage & { partition: number }>()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch: { partition, messages } }) =>
      messages.forEach((message) => records.set(`${partition}/${message.offset}`, { ...message, partition })),
  })
  await until(() => records.size >= count)
  await sleep(quietMs)
  await consumer.disconnect()
  return [...records.values()]
}

export function valuesOf(records: readonly KafkaMessage[]): string[] {
  return records.map(({ value }) => value!.toString())
}

/** Waits for a state that must come; the deadline is only there so that a hanging test ends with a message. */
export async function until(holds: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await holds()) && Date.now() < deadline) await sleep(20)
}

export function client(brokers: readonly string[]): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10, retries: 20, maxRetryTime: 500 },
  })
}

async function withAdmin<T>(
  brokers: readonly string[],
  work: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = client(brokers).admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
