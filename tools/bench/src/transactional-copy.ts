import { Kafka, logLevel, type Producer } from 'kafkajs'

// What exactly once costs by itself: every record as it is, in transactions as large as those of the explainer in throughput mode, with the position in
// each; or with values of another size, for an explanation is larger than its decision.
const { KAFKA_BROKERS: brokers, COPY_GROUP: groupId, COPY_FROM: from, COPY_TO: to, COPY_LANES: lanes } = process.env
const most = 2000
const other = process.env['COPY_VALUE_BYTES'] && Buffer.alloc(Number(process.env['COPY_VALUE_BYTES']), 'x')

/** In one request: kafkajs makes one batch of all that goes to a partition, and a topic takes batches of 1 MB. */
const atOnce = other ? Math.max(1, Math.floor(900_000 / other.length)) : most

const kafka = new Kafka({
  clientId: 'transactional-copy',
  brokers: brokers!.split(','),
  logLevel: logLevel.NOTHING,
  // A transaction often meets the end of the one before it, and kafkajs then waits 300 ms unless it is told otherwise.
  ...(process.env['COPY_WAITS'] === undefined && { retry: { initialRetryTime: 1, retries: 16 } }),
})
const consumer = kafka.consumer({ groupId: groupId!, maxWaitTimeInMs: 100 })
const producers = new Map<number, Promise<Producer>>()
await consumer.connect()
await consumer.subscribe({ topic: from!, fromBeginning: true })
await consumer.run({
  autoCommit: false,
  partitionsConsumedConcurrently: Number(lanes),
  eachBatch: async ({ batch: { partition, messages }, resolveOffset, heartbeat }) => {
    const producer = await (producers.get(partition) ?? connectProducer(partition))
    for (let start = 0; start < messages.length; start += most) {
      const part = messages.slice(start, start + most)
      const offset = String(BigInt(part.at(-1)!.offset) + 1n)
      const transaction = await producer.transaction()
      for (let first = 0; first < part.length; first += atOnce) {
        const some = part.slice(first, first + atOnce)
        const values = some.map(({ key, value }) => ({ key, value: other || value }))
        await transaction.send({ topic: to!, acks: -1, messages: values })
      }
      await transaction.sendOffsets({
        consumerGroupId: groupId!,
        topics: [{ topic: from!, partitions: [{ partition, offset }] }],
      })
      await transaction.commit()
      resolveOffset(part.at(-1)!.offset)
      await heartbeat()
    }
  },
})
process.once('SIGTERM', async () => {
  await consumer.disconnect()
  for (const producer of producers.values()) await (await producer).disconnect()
  process.exit(0)
})

function connectProducer(partition: number): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: `${groupId}-${partition}`,
    idempotent: true,
    maxInFlightRequests: 1,
  })
  const connected = producer.connect().then(() => producer)
  producers.set(partition, connected)
  return connected
}
