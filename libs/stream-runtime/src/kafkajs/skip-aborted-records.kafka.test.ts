import { expect, inject, test } from 'vitest'
import { client, createStream, feed, readCommitted, valuesOf } from '../testing/stream-fixture.ts'

const brokers = inject('kafkaBrokers').split(',')

test('records of overlapping aborted transactions are not read, whichever of them ended first', async () => {
  const stream = await createStream(brokers, 1)
  const kafka = client(brokers)
  const producers = ['first', 'second'].map((id) =>
    kafka.producer({ transactionalId: `${stream.input}-${id}`, idempotent: true, maxInFlightRequests: 1 }),
  )
  await Promise.all(producers.map((producer) => producer.connect()))
  const [first, second] = await Promise.all(producers.map((producer) => producer.transaction()))
  const send = (transaction: typeof first, value: string) =>
    transaction!.send({ topic: stream.input, messages: [{ key: Buffer.alloc(4), value }] })
  await send(first, 'aborted last')
  await send(second, 'aborted first')
  await send(first, 'aborted last too')
  await second!.abort()
  await first!.abort()
  await feed(stream, 0, 1, 1)
  const third = await producers[0]!.transaction()
  await send(third, 'committed')
  await third.commit()
  await Promise.all(producers.map((producer) => producer.disconnect()))

  expect(valuesOf(await readCommitted(brokers, stream.input, 2))).toEqual(['0', 'committed'])
})
