import { randomUUID } from 'node:crypto'
import { expect, inject, onTestFinished, test } from 'vitest'
// The types of what `inject` gives.
import type {} from '@raison/test-kit'
import { createTopics } from '../kafkajs/create-topics.ts'
import { openKafka } from '../kafkajs/kafkajs-port.ts'
import { StreamError } from '../stream-error.ts'
import {
  client,
  createStream,
  feed,
  readCommitted,
  silent,
  until,
  valuesOf,
  type Stream,
} from '../testing/stream-fixture.ts'
import { withCommit } from '../testing/faulty-port.ts'
import { runStateful, type StatefulProcessor } from './run-stateful.ts'
import type { KafkaPort } from '../kafka-port.ts'

const brokers = inject('kafkaBrokers').split(',')
const partitions = 2

/** Numbers the records of its partition, as far as it can remember; `told` has what was committed. */
const numbering = (stateTopic: string, output: string, told: string[] = []): StatefulProcessor => ({
  stateTopic,
  open:
    (state, { partition }) =>
    async (records) => {
      const outputs = records.map(({ value }) => {
        const number = Number(state.get('count') ?? 0) + 1
        state.set('count', Buffer.from(String(number)))
        state.set(`seen/${number % 3}`, value!)
        if (number % 5 === 0) state.delete(`seen/${number % 3}`)
        return { topic: output, partition, key: value!, value: Buffer.from(`${partition}:${number}`) }
      })
      const onCommitted = (): void => void told.push(...outputs.map(({ value }) => value.toString()))
      return { outputs, refused: new Map(), onCommitted }
    },
})

test('a state goes on where the last commit left it: over restarts, failed commits and other owners, and what is committed is told once', async () => {
  const stream = await createStream(brokers, partitions)
  const state = await createState(stream)
  const told: string[] = []
  /** Until they have done so many records together. */
  const run = async (ports: readonly KafkaPort[], records: number): Promise<void> => {
    const runs = ports.map((port) =>
      runStateful(numbering(state, stream.output, told), port, { logger: silent, maxBatch: 7 }),
    )
    for (const each of runs) onTestFinished(() => void each.stop().catch(() => undefined))
    await until(() => runs.reduce((sum, each) => sum + each.metrics().processed, 0) >= records)
    for (const each of runs) await each.stop()
  }
  await feed(stream, 0, 100, partitions)
  await run([open(stream, state)], 100)

  await feed(stream, 100, 200, partitions)
  let commits = 0
  const faulty = withCommit(open(stream, state), (commit) =>
    ++commits % 3 === 0 ? Promise.reject(new StreamError('KAFKA_TROUBLE', 'a commit fails')) : commit(),
  )
  await run([faulty], 100)
  await feed(stream, 200, 300, partitions)
  await run([open(stream, state), open(stream, state)], 100)

  const numbers = valuesOf(await readCommitted(brokers, stream.output, 300))
  const each = Array.from({ length: 150 }, (_, k) => k + 1)
  for (const partition of [0, 1])
    expect(numbers.filter((text) => text.startsWith(`${partition}:`)).map((text) => Number(text.slice(2)))).toEqual(
      each,
    )
  expect(told.toSorted()).toEqual(numbers.toSorted())
})

test('a batch that cannot be taken stops the run, and the failure names its place and not its content', async () => {
  const stream = await createStream(brokers, 1)
  const state = await createState(stream)
  const failing: StatefulProcessor = {
    stateTopic: state,
    open: () => async (records) => JSON.parse(`{ not JSON: ${records[0]!.value!.toString()}`) as never,
  }
  await feed(stream, 0, 3, 1, () => 'income 41,234')
  const { done } = runStateful(failing, open(stream, state), { logger: silent })
  await expect(done).rejects.toMatchObject({ code: 'PROCESSOR_FAILED', cause: expect.any(SyntaxError) })
  await expect(done).rejects.toThrow(
    new RegExp(String.raw`^taking ${stream.input}-0 offsets 0 to \d failed \(SyntaxError\); the position is kept`),
  )
})

test('a state that its topic would forget in time is refused', async () => {
  const stream = await createStream(brokers, partitions)
  const run = runStateful(numbering(stream.quarantine, stream.output), stream.port(), { logger: silent })
  await feed(stream, 0, 1, partitions)
  await expect(run.done).rejects.toMatchObject({
    code: 'STATE_TOPIC_INVALID',
    message: expect.stringContaining('cleanup.policy=delete'),
  })
})

const open = (stream: Stream, state: string): KafkaPort =>
  openKafka({ ...stream.config, outputTopics: [stream.output, state] }, silent)

async function createState(stream: Stream): Promise<string> {
  const topic = `state-${randomUUID().slice(0, 8)}`
  const admin = client(stream.config.kafka.brokers).admin()
  await admin.connect()
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
  await createTopics(admin, [{ topic, numPartitions: partitions, configEntries }])
  await admin.disconnect()
  return topic
}
