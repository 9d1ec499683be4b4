import kafkajs from 'kafkajs'
import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { connectKafka } from './kafka-config.ts'
import { readTopic } from './read-topic.ts'
import { silent } from '../testing/stream-fixture.ts'

test('records compressed with zstd are read', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const { zstd } = await createTestTopics(brokers, { zstd: 1 })
  const kafka = connectKafka({ brokers, clientId: 'zstd-test' }, silent)
  const producer = kafka.producer()
  await producer.connect()
  const messages = [{ value: 'one' }, { value: 'two'.repeat(1000) }]
  await producer.send({ topic: zstd, compression: kafkajs.CompressionTypes.ZSTD, messages })
  await producer.disconnect()
  const values: string[] = []
  await readTopic(kafka, zstd, ({ value }) => void values.push(value!.toString()))
  expect(values).toEqual(messages.map(({ value }) => value))
})
