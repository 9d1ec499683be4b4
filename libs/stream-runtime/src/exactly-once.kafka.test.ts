import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, ProducerConfig } from 'kafkajs'
import { expect, inject, test } from 'vitest'
import {
  client,
  copyProcessor,
  createStream,
  feed,
  readCommitted,
  silent,
  until,
  valuesOf,
} from './testing/stream-fixture.ts'
import { withCommit } from './testing/faulty-port.ts'
import { openKafka } from './kafkajs/kafkajs-port.ts'
import { fenceProducers, type TransactionalProducers } from './kafkajs/transactional-producers.ts'
import type { Processor } from './processor.ts'
import { runProcessor } from './run-processor.ts'
import { StreamError } from './stream-error.ts'

const brokers = inject('kafkaBrokers').split(',')

test.each(['none', 'zstd'] as const)(
  '20,000 records in 4 partitions come out once each, in the order of their partition (compression: %s)',
  async (compression) => {
    const stream = await createStream(brokers, 4)
    await feed(stream, 0, 20_000, 4)
    // The key decides the partition of an output, so that its order shows within each partition of the input.
    const kafka = openKafka({ ...stream.config, compression }, silent)
    const run = runProcessor(copyProcessor(stream), kafka, { logger: silent, maxBatch: 500 })
    await until(() => run.metrics().processed >= 20_000)
    await run.stop()

    const outputs = await readCommitted(brokers, stream.output, 20_000)
    expectEachOnce(valuesOf(outputs), 20_000)
    for (let input = 0; input < 4; input++)
      for (let output = 0; output < 4; output++) {
        const numbers = outputs
          .filter((record) => record.partition === output)
          .map(numberOf)
          .filter((n) => n % 4 === input)
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      }
    expect(run.metrics().transactions).toBeGreaterThanOrEqual(40)
  },
)

test('a second instance joins and leaves in the middle: nothing is lost or doubled', async () => {
  const stream = await createStream(brokers, 4)
  await feed(stream, 0, 8000, 4)
  const options = { logger: silent, maxBatch: 20 }
  const first = runProcessor(slowly(copyProcessor(stream), 60), stream.port(), options)
  await until(() => first.metrics().processed > 400)
  const second = runProcessor(slowly(copyProcessor(stream), 60), stream.port(), options)
  await until(() => second.metrics().processed > 400)
  expect(first.health().partitions).toHaveLength(2)
  expect(second.health().partitions).toHaveLength(2)
  await second.stop()
  const left = first.metrics().processed
  await until(() => first.health().partitions.length === 4)
  await feed(stream, 8000, 10_000, 4)
  await until(() => first.metrics().processed + second.metrics().processed >= 10_000)
  await first.stop()

  expect(first.metrics().processed).toBeGreaterThan(left)
  expectEachOnce(valuesOf(await readCommitted(brokers, stream.output, 10_000)), 10_000)
})

test('a batch that was in work when its partition moved is not committed by the instance that lost it', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 10, 1)
  const gate = Promise.withResolvers<void>()
  const entered = Promise.withResolvers<void>()
  const processor = copyProcessor(stream)
  const held: typeof processor = {
    ...processor,
    async process(events) {
      entered.resolve()
      await gate.promise
      return processor.process(events)
    },
  }
  const start = (clientId: string, theProcessor: typeof processor) => {
    const kafka = openKafka({ ...stream.config, kafka: { brokers, clientId } }, silent)
    return runProcessor(theProcessor, kafka, { logger: silent })
  }
  // The only partition goes to the member whose name comes first.
  const loser = start('z', held)
  await entered.promise
  const heir = start('a', processor)
  await until(() => heir.metrics().processed === 10)
  gate.resolve()
  await loser.stop()
  await heir.stop()

  expect(loser.metrics()).toMatchObject({ processed: 0, transactions: 0, recoveries: 0 })
  expectEachOnce(valuesOf(await readCommitted(brokers, stream.output, 10)), 10)
})

test('commits that fail, and commits whose success is never heard of, lose and double nothing', async () => {
  const stream = await createStream(brokers, 2)
  await feed(stream, 0, 2000, 2)
  let commits = 0
  const faulty = withCommit(stream.port(), async (commit) => {
    const turn = ++commits % 6
    if (turn === 2) throw new StreamError('KAFKA_TROUBLE', 'never sent')
    await commit()
    if (turn === 5) throw new StreamError('KAFKA_TROUBLE', 'answer lost')
  })
  const run = runProcessor(copyProcessor(stream), faulty, { logger: silent, maxBatch: 200 })
  await until(
    () => run.health().partitions.length > 0 && run.health().partitions.every(({ position }) => position === '1000'),
  )
  await run.stop()

  expect(run.metrics().recoveries).toBeGreaterThanOrEqual(2)
  const outputs = await readCommitted(brokers, stream.output, 2000)
  expectEachOnce(valuesOf(outputs), 2000)
})

test('an owner that was overtaken between its two fencings cannot commit, nor can the one it half fenced', async () => {
  const stream = await createStream(brokers, 1)
  const kafka = client(brokers)
  const { promise: firstFenced, resolve: reached } = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const slow = {
    producer(config: ProducerConfig) {
      const producer = kafka.producer(config)
      const second = config.transactionalId!.endsWith('b')
      return {
        ...producer,
        transaction: async () => (second && (reached(), await gate.promise), producer.transaction()),
      }
    },
  } as Kafka
  const limits = new Map([[stream.output, 1_000_000]])
  const fence = (through: Kafka) =>
    fenceProducers(through, stream.config.groupId, { topic: stream.input, partition: 0 }, limits, 'none')
  const commitOne = async (producers: TransactionalProducers, value: string) => {
    const transaction = await producers.begin()
    await transaction.produce([{ topic: stream.output, key: 'k', value: Buffer.from(value) }])
    await transaction.commit()
  }

  const fencing = fence(slow)
  await firstFenced
  const owner = await fence(kafka)
  await commitOne(owner, 'before the second fencing')
  gate.resolve()
  const overtaken = await fencing
  await expect(commitOne(overtaken, 'overtaken')).rejects.toMatchObject({ code: 'KAFKA_TROUBLE' })
  await expect(commitOne(owner, 'half fenced')).rejects.toMatchObject({ code: 'KAFKA_TROUBLE' })
  await Promise.all([owner.close(), overtaken.close()])
  expect(valuesOf(await readCommitted(brokers, stream.output, 1))).toEqual(['before the second fencing'])
})

function expectEachOnce(values: readonly string[], count: number): void {
  expect(values).toHaveLength(count)
  expect(new Set(values).size).toBe(count)
}

function numberOf({ value }: { readonly value: Buffer | null }): number {
  return Number(value!.toString())
}

/** So that the stream is still running when something happens to it. */
function slowly(processor: Processor<string, string>, ms = 10): Processor<string, string> {
  return {
    ...processor,
    async process(events) {
      await sleep(ms)
      return processor.process(events)
    },
  }
}
