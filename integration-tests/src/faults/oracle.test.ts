import { setTimeout as pause } from 'node:timers/promises'
import { createTestTopics } from '@raison/test-kit'
import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, test } from 'vitest'
import { judge } from './oracle.ts'

test('the oracle counts what is lost, doubled, out of order and behind', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const topics = await createTestTopics(brokers, { decisions: 1, explained: 1, quarantined: 1 })
  const kafka = new Kafka({ clientId: 'oracle-test', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const from = (offset: number) => ({
    key: null,
    value: 'output',
    headers: { 'raison-source': `${topics.decisions}/0/${offset}` },
  })
  await producer.send({ topic: topics.decisions, messages: Array.from({ length: 6 }, () => ({ value: 'decision' })) })
  await producer.send({ topic: topics.explained, messages: [0, 3, 1, 1].map(from) })
  await producer.send({ topic: topics.quarantined, messages: [2, 3].map(from) })
  await producer.disconnect()

  const groupId = `oracle-${topics.decisions}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.setOffsets({ groupId, topic: topics.decisions, partitions: [{ partition: 0, offset: '5' }] })
  await admin.disconnect()

  expect(await judge(brokers, groupId, topics)).toEqual({
    decisions: 6,
    explained: 4,
    quarantined: 2,
    lost: 2,
    losses: [4, 5].map((offset) => `${topics.decisions}/0/${offset}`),
    doubled: 2,
    doubles: [`${topics.decisions}/0/1 at 0/3`, `${topics.decisions}/0/3 at 0/1`].map((double) =>
      expect.stringContaining(double),
    ),
    outOfOrder: 2,
    behind: 1,
  })
})

test('a commit is answered before readers see it: the oracle waits for the ends of all transactions', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const topics = await createTestTopics(brokers, { decisions: 1, explained: 1, quarantined: 1 })
  const kafka = new Kafka({ clientId: 'oracle-test', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer({
    transactionalId: topics.explained,
    idempotent: true,
    maxInFlightRequests: 1,
    transactionTimeout: 30_000,
  })
  await producer.connect()
  const transaction = await producer.transaction()
  const headers = { 'raison-source': `${topics.decisions}/0/0` }
  await transaction.send({ topic: topics.explained, messages: [{ value: 'output', headers }] })
  const verdict = judge(brokers, `oracle-${topics.decisions}`, topics)
  await pause(1000)
  await transaction.commit()
  await producer.disconnect()
  expect(await verdict).toMatchObject({ explained: 1 })
})
