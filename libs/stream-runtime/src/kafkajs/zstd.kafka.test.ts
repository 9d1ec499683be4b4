import kafkajs from 'kafkajs'
import { createTestTopics, readTopic } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { connectKafka } from './kafka-config.ts'
import { silent } from '../testing/stream-fixture.ts'

test('records compressed with zstd are read', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const { zstd } = await createTestTopics(brokers, { zstd: 1 })
  const producer = connectKafka({ brokers, clientId: 'zstd-test' }, silent).producer()
  await producer.connect()
  const messages = [{ value: 'one' }, { value: 'two'.repeat(1000) }]
  await producer.send({ topic: zstd, compression: kafkajs.CompressionTypes.ZSTD, messages })
  await producer.disconnect()
  expect((await readTopic(brokers, zstd)).map(({ value }) => value!.toString())).toEqual(
    messages.map(({ value }) => value),
  )
})
