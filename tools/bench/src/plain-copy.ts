import { Kafka, logLevel } from 'kafkajs'

// What the explainer is measured against, a process of its own as well: every record as it is, without a transaction.
const { KAFKA_BROKERS: brokers, COPY_GROUP: groupId, COPY_FROM: from, COPY_TO: to, COPY_LANES: lanes } = process.env
const kafka = new Kafka({ clientId: 'plain-copy', brokers: brokers!.split(','), logLevel: logLevel.ERROR })
const producer = kafka.producer()
const consumer = kafka.consumer({ groupId: groupId!, maxWaitTimeInMs: 100 })
await Promise.all([producer.connect(), consumer.connect()])
await consumer.subscribe({ topic: from!, fromBeginning: true })
await consumer.run({
  partitionsConsumedConcurrently: Number(lanes),
  eachBatch: async ({ batch: { messages } }) => {
    await producer.send({ topic: to!, acks: -1, messages: messages.map(({ key, value }) => ({ key, value })) })
  },
})
process.once('SIGTERM', async () => {
  await consumer.disconnect()
  await producer.disconnect()
  process.exit(0)
})
