import { createRequire } from 'node:module'
import { createTestTopics } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { client, until } from '../testing/stream-fixture.ts'
import { askTransaction, type Broker } from './ask-coordinators.ts'
import { createCoordinators, type Coordinators } from './coordinators.ts'

const require = createRequire(import.meta.url)
const brokers = inject('kafkaBrokers').split(',')
const kafka = client(brokers)

interface Scene {
  readonly input: string
  readonly output: string
  readonly groupId: string
  readonly transactionalId: string
  readonly coordinators: Coordinators
  /** A transaction with a record and the position 7, left open. */
  begin(): Promise<{ commit(): Promise<void>; abort(): Promise<void> }>
}

async function openScene(): Promise<Scene> {
  const { input, output } = await createTestTopics(brokers, { input: 1, output: 3 })
  const [groupId, transactionalId] = [`group-${input}`, `id-${input}`]
  const coordinators = createCoordinators(kafka, groupId, [output])
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  onTestFinished(async () => void (await Promise.all([producer.disconnect(), coordinators.close()])))
  return {
    input,
    output,
    groupId,
    transactionalId,
    coordinators,
    async begin() {
      const transaction = await producer.transaction()
      await transaction.send({ topic: output, messages: [{ value: 'one', partition: 1 }] })
      const topics = [{ topic: input, partitions: [{ partition: 0, offset: '7' }] }]
      await transaction.sendOffsets({ consumerGroupId: groupId, topics })
      return transaction
    },
  }
}

test('a position in a transaction without end is none yet, and is told once it has ended', async () => {
  const { input, coordinators, begin } = await openScene()
  const place = { topic: input, partition: 0 }
  await settled(coordinators, place) // a broker that has just started does not know yet who coordinates the group
  expect(await coordinators.position(place)).toBe('-1')
  const transaction = await begin()
  await expect(coordinators.position(place)).rejects.toMatchObject({ type: 'UNSTABLE_OFFSET_COMMIT' })
  await transaction.commit()
  await settled(coordinators, place)
  expect(await coordinators.position(place)).toBe('7')
})

test('an aborted position leaves the one before it', async () => {
  const { input, coordinators, begin } = await openScene()
  const place = { topic: input, partition: 0 }
  await (await begin()).abort()
  await settled(coordinators, place)
  expect(await coordinators.position(place)).toBe('-1')
})

test('the end of a transaction is written once more, in every partition of the outputs', async () => {
  const { input, output, transactionalId, coordinators, begin } = await openScene()
  await (await begin()).commit()
  await settled(coordinators, { topic: input, partition: 0 })
  await coordinators.settle(transactionalId)
  // In the second partition the record and its end lay before.
  await until(async () => (await endsOf(output)).join() === '1,3,1')
  expect(await endsOf(output)).toEqual(['1', '3', '1'])
  expect(await coordinators.position({ topic: input, partition: 0 })).toBe('7')
})

test('nothing is written for an id that is not known, or whose transaction is open', async () => {
  const { input, output, transactionalId, coordinators, begin } = await openScene()
  await coordinators.settle('nobody')
  const transaction = await begin()
  await coordinators.settle(transactionalId)
  // An end would stand in the first and the third partition; the record in the second is not committed.
  expect(await endsOf(output)).toEqual(['0', '0', '0'])
  await transaction.commit()
  await settled(coordinators, { topic: input, partition: 0 })
  expect(await coordinators.position({ topic: input, partition: 0 })).toBe('7')
})

test('a coordinator that is still loading is asked once more, and not for longer', async () => {
  const { input, transactionalId, coordinators, begin } = await openScene()
  await (await begin()).commit()
  await settled(coordinators, { topic: input, partition: 0 })
  const asked = answerFirst({ DescribeTransactions: isLoading, OffsetFetch: isLoading })
  await coordinators.settle(transactionalId)
  expect(await coordinators.position({ topic: input, partition: 0 })).toBe('7')
  expect(asked).toEqual({ DescribeTransactions: 2, OffsetFetch: 2 })
})

test('of a transaction that is about to end is asked again, and the end written when it has', async () => {
  const { input, output, transactionalId, coordinators, begin } = await openScene()
  await (await begin()).commit()
  await settled(coordinators, { topic: input, partition: 0 })
  const asked = answerFirst({
    DescribeTransactions: async (answer) => ({ ...(await answer()), state: 'PrepareCommit' }),
  })
  await coordinators.settle(transactionalId)
  expect(asked).toEqual({ DescribeTransactions: 2 })
  await until(async () => (await endsOf(output)).join() === '1,3,1')
})

const steps = ['addPartitionsToTxn', 'addOffsetsToTxn', 'endTxn'] as const
const ends = ['commit', 'abort'] as const
const sides = ['lost', 'answered to nobody'] as const
const losses = steps.flatMap((step) => ends.flatMap((end) => sides.map((side) => ({ step, end, side }))))

// The broker has then forgotten how the transaction ended: asked again, it was left open, and aborted by the fence.
test.each(losses)('a transaction that ends with $end ends so too when $step is $side once', async (loss) => {
  const { step, end, side } = loss
  const { input, output, transactionalId, coordinators, begin } = await openScene()
  await (await begin())[end]()
  await settled(coordinators, { topic: input, partition: 0 })
  const asked = failOnce(step, side)
  await expect(coordinators.settle(transactionalId)).rejects.toThrow('cut off')
  await coordinators.settle(transactionalId)
  const state = end === 'commit' ? 'CompleteCommit' : 'CompleteAbort'
  await until(async () => (await askTransaction(asked()!, transactionalId))?.state === state)
  expect(await askTransaction(asked()!, transactionalId)).toMatchObject({ state })
  expect((await endsOf(output))[0]).not.toBe('0')
})

/** The next such request of kafkajs fails, before it is sent or after it was answered; gives the broker that it was for. */
function failOnce(step: (typeof steps)[number], side: (typeof sides)[number]): () => Broker | undefined {
  const { prototype } = require('kafkajs/src/broker') as { prototype: Broker }
  const send = prototype[step] as (of: unknown) => Promise<unknown>
  let asked: Broker | undefined
  const keep = (broker: Broker): void => void (asked = broker)
  Object.assign(prototype, {
    async [step](this: Broker, of: unknown) {
      Object.assign(prototype, { [step]: send })
      keep(this)
      if (side === 'answered to nobody') await send.call(this, of)
      throw new Error('cut off')
    },
  })
  onTestFinished(() => void Object.assign(prototype, { [step]: send }))
  return () => asked
}

type Answer = () => Promise<object>

/** The first question of each kind is answered so; says how often each is asked. */
function answerFirst(answers: Readonly<Record<string, (answer: Answer) => Promise<object>>>): Record<string, number> {
  const { prototype } = require('kafkajs/src/network/connectionPool') as { prototype: Broker['connectionPool'] }
  const { send } = prototype
  const asked = Object.fromEntries(Object.keys(answers).map((name) => [name, 0]))
  Object.assign(prototype, {
    send(this: typeof prototype, call: Parameters<typeof send>[0]) {
      const { apiName } = call.request
      const answer = (): Promise<object> => send.call(this, call) as Promise<object>
      return apiName in asked && ++asked[apiName]! === 1 ? answers[apiName]!(answer) : answer()
    },
  })
  onTestFinished(() => void Object.assign(prototype, { send }))
  return asked
}

function isLoading(): Promise<never> {
  const { createErrorFromCode } = require('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): Error }
  return Promise.reject(createErrorFromCode(14)) // COORDINATOR_LOAD_IN_PROGRESS
}

async function endsOf(topic: string): Promise<string[]> {
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect())
  return offsets.sort((a, b) => a.partition - b.partition).map(({ high }) => high)
}

/** The broker answers before the end is written everywhere. */
async function settled({ position }: Coordinators, place: { topic: string; partition: number }): Promise<void> {
  await until(() =>
    position(place).then(
      () => true,
      () => false,
    ),
  )
}
