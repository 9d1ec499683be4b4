/**
 * Records per second of `runProcessor` with a processor that only copies, over a plain kafkajs copy of the same records (no transaction):
 *   KAFKA_BROKERS=host:port node src/throughput.bench.ts [records] [rounds]
 * Both read the same topic from its beginning, in alternating order; the clock runs from the first record read to the last one acknowledged.
 */
import { randomUUID } from 'node:crypto'
import { runProcessor } from './run-processor.ts'
import type { Processor } from './processor.ts'
import { client, createStream, feed, silent, until, type Stream } from './testing/stream-fixture.ts'
import { openKafka } from './kafkajs/kafkajs-port.ts'

const brokers = (process.env['KAFKA_BROKERS'] ?? '127.0.0.1:9092').split(',')
const [records = 30_000, rounds = 5] = process.argv.slice(2).map(Number)
const maxBatch = 500
const payload = Buffer.alloc(1000, 'x').toString()

for (const partitions of [1, 4]) {
  const stream = await createStream(brokers, partitions)
  await feed(stream, 0, records, partitions, () => payload)
  await copyPlainly(stream, partitions)
  await copyExactlyOnce(stream)
  const ratios: number[] = []
  const rates: number[] = []
  for (let round = 0; round < rounds; round++) {
    const inOrder = round % 2 === 0
    const before = inOrder ? await copyPlainly(stream, partitions) : 0
    const rate = await copyExactlyOnce(stream)
    const plain = inOrder ? before : await copyPlainly(stream, partitions)
    ratios.push(rate / plain)
    rates.push(rate)
  }
  ratios.sort((a, b) => a - b)
  const spread = `${ratios[0]!.toFixed(2)} to ${ratios.at(-1)!.toFixed(2)}`
  process.stdout.write(
    `${partitions} partition(s), 1 kB, transactions of ${maxBatch}: ratio to the plain copy ${median(ratios).toFixed(2)} (${spread}), ${Math.round(median(rates))} records/s\n`,
  )
}

async function copyExactlyOnce(stream: Stream): Promise<number> {
  let begin = 0
  const processor: Processor<Buffer, Buffer> = {
    decode(record) {
      if (begin === 0) begin = performance.now()
      return record.value!
    },
    process: async (events) => events.map((value) => ({ ok: true, value })),
    encode: (value, { key }) => ({ topic: stream.output, key: key!, value }),
    toQuarantine: () => {
      throw new Error('nothing to quarantine')
    },
    isPoison: () => false,
  }
  const kafka = openKafka({ ...stream.config, groupId: randomUUID() }, silent)
  const run = runProcessor(processor, kafka, { logger: silent, maxBatch })
  let end = 0
  await until(() => run.metrics().processed === records && (end = performance.now()) > 0, 120_000)
  await run.stop()
  return (1000 * records) / (end - begin)
}

async function copyPlainly(stream: Stream, partitions: number): Promise<number> {
  const kafka = client(brokers)
  const producer = kafka.producer({ maxInFlightRequests: 1 })
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 })
  await Promise.all([producer.connect(), consumer.connect()])
  await consumer.subscribe({ topic: stream.input, fromBeginning: true })
  let begin = 0
  let end = 0
  let copied = 0
  await consumer.run({
    partitionsConsumedConcurrently: partitions,
    async eachBatch({ batch: { messages } }) {
      if (begin === 0) begin = performance.now()
      for (let start = 0; start < messages.length; start += maxBatch) {
        const slice = messages.slice(start, start + maxBatch)
        await producer.send({ topic: stream.output, messages: slice.map(({ key, value }) => ({ key, value })) })
        copied += slice.length
      }
      end = performance.now()
    },
  })
  await until(() => copied === records, 120_000)
  await Promise.all([producer.disconnect(), consumer.disconnect()])
  return (1000 * records) / (end - begin)
}

function median(sorted: readonly number[]): number {
  return [...sorted].sort((a, b) => a - b)[sorted.length >> 1]!
}
