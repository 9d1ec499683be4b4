import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { client } from '../testing/stream-fixture.ts'
import { readTopic, type ReadMessage } from './read-topic.ts'

const brokers = inject('kafkaBrokers').split(',')
const kafka = client(brokers)

async function recordsOf(topic: string): Promise<ReadMessage[]> {
  const records: ReadMessage[] = []
  await readTopic(kafka, topic, (record) => void records.push(record))
  return records.sort((a, b) => a.partition - b.partition)
}

test('an empty topic reads as no records', async () => {
  const { empty } = await createTestTopics(brokers, { empty: 2 })
  expect(await recordsOf(empty)).toEqual([])
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

  const records = await recordsOf(ledger)
  expect(records.map(({ partition, value }) => `${partition}${value}`)).toEqual(['0a', '0c', '0d', '1b'])
  expect(records[0]!.headers?.['at']?.toString()).toBe('a')
})

test.each([
  ['throws', false],
  ['rejects with', true],
])('what the reader of a record %s ends the reading, and nothing more is handed over', async (_, later) => {
  const { broken } = await createTestTopics(brokers, { broken: 1 })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: broken, messages: ['one', 'unreadable', 'three'].map((value) => ({ value })) })
  await producer.disconnect()
  const refusal = new Error('unreadable')
  const given: string[] = []
  const refuse = (value: string): void => {
    given.push(value)
    if (value === 'unreadable') throw refusal
  }
  const reading = readTopic(kafka, broken, ({ value }) =>
    later ? Promise.resolve().then(() => refuse(String(value))) : refuse(String(value)),
  )
  await expect(reading).rejects.toBe(refusal)
  expect(given).toEqual(['one', 'unreadable'])
})
