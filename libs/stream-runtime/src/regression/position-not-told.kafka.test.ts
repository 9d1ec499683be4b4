import type { Admin } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { createCoordinators } from '../kafkajs/coordinators.ts'
import { connectKafka } from '../kafkajs/kafka-config.ts'
import { countPartitions, readPosition } from '../kafkajs/topics.ts'
import { runProcessor } from '../run-processor.ts'
import { copyProcessor, createStream, feed, readCommitted, silent } from '../testing/stream-fixture.ts'

// A partition of which the answer said nothing was taken as one that had never been read: from its beginning, once more.
test('a position that the broker does not tell is trouble, and no beginning', async () => {
  const brokers = inject('kafkaBrokers').split(',')
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 10, 1)
  const run = runProcessor(copyProcessor(stream), stream.port(), { logger: silent })
  await readCommitted(brokers, stream.output, 10)
  await run.stop()
  const kafka = connectKafka({ brokers, clientId: 'positions' }, silent)
  const admin = kafka.admin()
  await admin.connect()
  onTestFinished(() => admin.disconnect())
  const { groupId } = stream.config
  const coordinators = createCoordinators(kafka, groupId, [])
  onTestFinished(() => coordinators.close())
  const assigned = { topic: stream.input, partition: 0 }
  const trouble = expect.objectContaining({ code: 'KAFKA_TROUBLE' })
  expect(await readPosition(admin, coordinators, groupId, assigned)).toBe('10')

  const untold = { position: () => Promise.resolve(undefined) }
  await expect(readPosition(admin, untold, groupId, assigned)).rejects.toEqual(trouble)
  const ofNothing: Admin = { ...admin, fetchTopicOffsets: () => Promise.resolve([]) }
  await expect(readPosition(ofNothing, coordinators, groupId, assigned)).rejects.toEqual(trouble)
  await expect(countPartitions(ofNothing, stream.input)).rejects.toEqual(trouble)
})
