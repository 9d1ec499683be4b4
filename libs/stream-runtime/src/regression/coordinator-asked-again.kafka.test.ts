import { randomUUID } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
import { connectKafka } from '../kafkajs/kafka-config.ts'
import { createStream, silent } from '../testing/stream-fixture.ts'

// kafkajs asked for the coordinator before every step: at 200 decisions a second half of what the broker did was to answer.
test('a coordinator that is known is not asked for before every step of a transaction', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const stream = await createStream(brokers, 1)
  const kafka = connectKafka({ brokers, clientId: 'coordinators' }, silent)
  const producer = kafka.producer({ transactionalId: randomUUID(), idempotent: true, maxInFlightRequests: 1 })
  onTestFinished(() => producer.disconnect())
  await producer.connect()
  const asked: string[] = []
  producer.on(producer.events.REQUEST, ({ payload }) => asked.push(payload.apiName))

  const transactions = 20
  for (let k = 0; k < transactions; k++) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: stream.output, messages: [{ value: String(k) }] })
    await transaction.commit()
  }
  expect(asked.filter((name) => name === 'EndTxn').length).toBeGreaterThanOrEqual(transactions)
  expect(asked.filter((name) => name === 'GroupCoordinator').length).toBeLessThan(transactions)
})
