import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, test } from 'vitest'
import { createTestTopics, readTopic } from './topics.ts'

const brokers = inject('kafkaBrokers').split(',')
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })

test('two topics of one name do not meet', async () => {
  const first = await createTestTopics(brokers, { in: 1 })
  const second = await createTestTopics(brokers, { in: 1 })
  expect(first.in).not.toBe(second.in)
})

test('an empty topic reads as no records', async () => {
  const { empty } = await createTestTopics(brokers, { empty: 2 })
  expect(await readTopic(brokers, empty)).toEqual([])
})

test('a topic is read to its end: committed records in order, aborted ones not, though markers come last', async () => {
  const { ledger } = await createTestTopics(brokers, { ledger: 2 })
  const producer = kafka.producer({ transactionalId: ledger, maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  const send = async (values: string[], end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.transaction()
    const messages = values.map((value, i) => ({ partition: i % 2, key: 'k', value, headers: { at: value } }))
    await transaction.send({ topic: ledger, messages })
    await transaction[end]()
  }
  await send(['a', 'b', 'c'], 'commit')
  await send(['lost', 'lost'], 'abort')
  await send(['d'], 'commit')
  await send(['lost', 'lost'], 'abort')
  await producer.disconnect()

  const records = await readTopic(brokers, ledger)
  expect(records.map(({ partition, value }) => `${partition}${value}`)).toEqual(['0a', '0c', '0d', '1b'])
  expect(records[0]!.headers['at']?.toString()).toBe('a')
})

test('the registry of the run answers', async () => {
  expect((await fetch(`${inject('schemaRegistryUrl')}/subjects`)).ok).toBe(true)
})
