import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { expect, inject, test } from 'vitest'
import { openKafka } from './kafkajs/kafkajs-port.ts'
import type { Processor } from './processor.ts'
import { runProcessor } from './run-processor.ts'
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

const brokers = inject('kafkaBrokers').split(',')
const options = { logger: silent }

test('poison and tombstones are set aside with their bytes, the partition goes on', async () => {
  const stream = await createStream(brokers, 1)
  const values: Record<number, string | null> = { 3: 'poison 3', 50: null }
  await feed(stream, 0, 100, 1, (i) => (i in values ? values[i]! : String(i)))
  const run = runProcessor(copyProcessor(stream), stream.port(), options)
  await until(() => run.metrics().processed + run.metrics().quarantined >= 100)
  await run.stop()

  expect(run.metrics()).toMatchObject({ processed: 98, quarantined: 2 })
  const outputs = valuesOf(await readCommitted(brokers, stream.output, 98)).map(Number)
  expect(outputs).toEqual(Array.from({ length: 100 }, (_, i) => i).filter((i) => !(i in values)))
  const quarantined = await readCommitted(brokers, stream.quarantine, 2)
  expect(valuesOf(quarantined)).toEqual(['poison 3', ''])
  expect(quarantined.map(({ key, headers }) => [key!.toString(), headers!['stage']!.toString()])).toEqual([
    ['key-3', 'decode'],
    ['key-50', 'decode'],
  ])
})

test('a bug stops the run with the position kept, and a restart continues without loss or double', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 1000, 1)
  const good = copyProcessor(stream)
  const buggy: Processor<string, string> = {
    ...good,
    process: async (events) =>
      events.map((value) => (value === '555' ? { ok: false, error: new TypeError('bug') } : { ok: true, value })),
  }
  const broken = runProcessor(buggy, stream.port(), { ...options, maxBatch: 100 })
  await expect(broken.done).rejects.toMatchObject({
    code: 'PROCESSOR_FAILED',
    message: expect.stringContaining(`process failed at ${stream.input}-0 offset 555`),
    cause: expect.any(TypeError),
  })
  expect(broken.health()).toMatchObject({ live: false, ready: false, reason: expect.stringContaining('offset 555') })
  expect(broken.metrics().processed).toBe(500)

  const repaired = runProcessor(good, stream.port(), options)
  await until(() => repaired.metrics().processed >= 500)
  await repaired.stop()
  expect(valuesOf(await readCommitted(brokers, stream.output, 1000))).toEqual(
    Array.from({ length: 1000 }, (_, i) => String(i)),
  )
})

test('what may succeed later is tried again, not ready meanwhile, and comes out in order', async () => {
  const stream = await createStream(brokers, 2)
  await feed(stream, 0, 20, 2)
  let away = true
  const good = copyProcessor(stream)
  const waiting: Processor<string, string> = {
    ...good,
    decode: (record) => {
      if (away && record.partition === 0) throw new RangeError('registry away')
      return good.decode(record)
    },
    isRetryable: (error) => error instanceof RangeError,
  }
  const run = runProcessor(waiting, stream.port(), options)
  await until(() => run.metrics().retries >= 2 && run.metrics().processed === 10)
  expect(run.health()).toMatchObject({ live: true, ready: false, reason: `${stream.input}-0 is retrying` })
  away = false
  await until(() => run.metrics().processed === 20)
  await run.stop()
  expect(valuesOf(await readCommitted(brokers, stream.output, 20))).toHaveLength(20)
})

test('an output larger than its topic takes is shrunk, and set aside when that is not enough', async () => {
  const stream = await createStream(brokers, 1, 10_000)
  await feed(stream, 0, 3, 1, (i) => ['small', 'x'.repeat(20_000), 'y'.repeat(20_001)][i]!)
  const processor = {
    ...copyProcessor(stream),
    shrink: (text: string) => (text.length === 20_000 ? 'shrunk' : undefined),
  }
  const run = runProcessor(processor, stream.port(), options)
  await until(() => run.metrics().processed + run.metrics().quarantined >= 3)
  await run.stop()
  expect(valuesOf(await readCommitted(brokers, stream.output, 2))).toEqual(['small', 'shrunk'])
  expect(valuesOf(await readCommitted(brokers, stream.quarantine, 1))).toEqual(['y'.repeat(20_001)])
})

test('a transaction of more bytes than one record batch may have is written in several', async () => {
  const stream = await createStream(brokers, 1)
  for (let i = 0; i < 6; i++) await feed(stream, i, i + 1, 1, () => String(i).repeat(400_000))
  const run = runProcessor(copyProcessor(stream), stream.port(), options)
  await until(() => run.metrics().processed >= 6)
  await run.stop()
  expect(valuesOf(await readCommitted(brokers, stream.output, 6)).map((value) => value[0])).toEqual([
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
  ])
})

test('stop under load finishes the batches in work, and the next run begins where it ended', async () => {
  const stream = await createStream(brokers, 4)
  await feed(stream, 0, 20_000, 4)
  const first = runProcessor(copyProcessor(stream), stream.port(), { ...options, maxBatch: 100 })
  await until(() => first.metrics().processed > 1000)
  await first.stop()
  const processed = first.metrics().processed
  expect(processed).toBeLessThan(20_000)
  expect(first.health()).toMatchObject({ live: true, ready: false, reason: 'stopping' })

  const second = runProcessor(copyProcessor(stream), stream.port(), options)
  await until(() => first.metrics().processed + second.metrics().processed >= 20_000)
  await second.stop()
  expect(first.metrics().processed).toBe(processed)
  const values = valuesOf(await readCommitted(brokers, stream.output, 20_000))
  expect(values).toHaveLength(20_000)
  expect(new Set(values).size).toBe(20_000)
})

test('without a broker it is live but not ready, and starts when the broker comes', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 5, 1)
  const reserved = createServer().listen(0, '127.0.0.1')
  await once(reserved, 'listening')
  const { port } = reserved.address() as AddressInfo
  reserved.close()
  const kafka = { brokers: [`127.0.0.1:${port}`], clientId: 'stream-test' }
  const run = runProcessor(copyProcessor(stream), openKafka({ ...stream.config, kafka }, silent), options)
  expect(run.health()).toMatchObject({ live: true, ready: false, reason: 'not in the consumer group yet' })
  const proxy = await forward(port, brokers[0]!)
  await until(() => run.metrics().processed === 5)
  expect(run.health()).toMatchObject({ live: true, ready: true })
  await run.stop()
  proxy.close()
})

test('a broker that never comes fails the run by name', async () => {
  const kafka = { brokers: ['127.0.0.1:1'], clientId: 'stream-test' }
  const config = { kafka, groupId: 'nobody', inputTopics: ['in'], outputTopics: ['out'] }
  const run = runProcessor(copyProcessor({ output: 'out', quarantine: 'out' }), openKafka(config, silent), {
    ...options,
    stallTimeoutMs: 500,
  })
  await expect(run.done).rejects.toMatchObject({ code: 'BROKER_UNREACHABLE' })
})

test('a missing topic fails the run by name', async () => {
  const stream = await createStream(brokers, 1)
  const config = { ...stream.config, outputTopics: [stream.output, 'no-such-topic'] }
  const run = runProcessor(copyProcessor(stream), openKafka(config, silent), options)
  await expect(run.done).rejects.toMatchObject({
    code: 'TOPIC_MISSING',
    message: expect.stringContaining('no-such-topic'),
  })
})

test('a position outside of what the topic holds stops the run instead of skipping', async () => {
  const stream = await createStream(brokers, 1)
  await feed(stream, 0, 5, 1)
  const run = runProcessor(copyProcessor(stream), stream.port(), options)
  await until(() => run.metrics().processed === 5)
  await run.stop()
  await feed(stream, 5, 10, 1)
  const admin = client(brokers).admin()
  await admin.connect()
  await admin.fetchTopicOffsets(stream.input)
  await admin.deleteTopicRecords({ topic: stream.input, partitions: [{ partition: 0, offset: '8' }] })
  await admin.disconnect()
  const restarted = runProcessor(copyProcessor(stream), stream.port(), options)
  await expect(restarted.done).rejects.toMatchObject({ code: 'POSITION_LOST' })
})

test('an empty topic keeps the run ready, and its first record is processed', async () => {
  const stream = await createStream(brokers, 1)
  const run = runProcessor(copyProcessor(stream), stream.port(), options)
  await until(() => run.health().ready)
  expect(run.health().partitions).toMatchObject([
    { topic: stream.input, partition: 0, position: '0', stage: 'waiting' },
  ])
  await feed(stream, 0, 1, 1)
  await until(() => run.metrics().processed === 1)
  await until(() => run.health().partitions[0]?.lag === 0)
  expect(run.health().partitions).toMatchObject([{ position: '1', lag: 0 }])
  await run.stop()
})

async function forward(port: number, broker: string): Promise<Server> {
  const [host, brokerPort] = broker.split(':')
  const server = createServer((socket) => {
    const upstream = connect(Number(brokerPort), host)
    socket.pipe(upstream).pipe(socket)
    socket.on('error', () => upstream.destroy())
    upstream.on('error', () => socket.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}
