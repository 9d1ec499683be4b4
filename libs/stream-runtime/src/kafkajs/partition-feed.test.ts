import type { KafkaMessage } from 'kafkajs'
import { expect, test } from 'vitest'
import { createPartitionFeed } from './partition-feed.ts'

const never = new AbortController().signal
const messages = (from: number, to: number, bytes = 1): KafkaMessage[] =>
  Array.from({ length: to - from }, (_, i) => ({
    offset: String(from + i),
    key: null,
    value: Buffer.alloc(bytes),
    timestamp: '0',
    attributes: 0,
    headers: { twice: [Buffer.from('a'), Buffer.from('b')] },
  }))

function newFeed(lingerMs = 0) {
  const calls: string[] = []
  const feed = createPartitionFeed({ topic: 't', partition: 0 }, '0', {
    enough: 2_000_000,
    lingerMs,
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
  })
  return { feed, calls }
}

test('a batch spans fetches, and its next position passes over the control records behind them', async () => {
  const { feed } = newFeed()
  feed.push(messages(0, 3), '4', '8')
  feed.push(messages(4, 7), '8', '8')
  const first = await feed.take(5, never)
  expect(first!.records.map(({ offset }) => offset)).toEqual(['0', '1', '2', '4', '5'])
  expect(first).toMatchObject({ next: '6', lag: 2 })
  expect(await feed.take(5, never)).toMatchObject({
    next: '8',
    lag: 0,
    records: [{ headers: { twice: Buffer.from('b') } }],
  })
})

test('fetching pauses when enough bytes are held and resumes when half of them are taken', async () => {
  const { feed, calls } = newFeed()
  feed.push(messages(0, 10, 150_000), '10', '20')
  expect(calls).toEqual([])
  feed.push(messages(10, 20, 150_000), '20', '20')
  expect(calls).toEqual(['pause'])
  await feed.take(13, never)
  expect(calls).toEqual(['pause'])
  await feed.take(1, never)
  expect(calls).toEqual(['pause', 'resume'])
})

test('a batch that lingers holds what has come meanwhile, a full one goes at once, and a signal ends the wait', async () => {
  const { feed } = newFeed(50)
  feed.push(messages(0, 1), '1', '1')
  const batch = feed.take(3, never)
  setImmediate(() => feed.push(messages(1, 2), '2', '2'))
  expect((await batch)!.records).toHaveLength(2)

  const { feed: patient } = newFeed(3_600_000)
  patient.push(messages(0, 3), '3', '3')
  expect((await patient.take(3, never))!.records).toHaveLength(3)

  const ending = new AbortController()
  patient.push(messages(3, 4), '4', '4')
  const nothing = patient.take(3, ending.signal)
  setImmediate(() => ending.abort())
  expect(await nothing).toBeUndefined()
})

test('a batch lingers no longer than until it is full, or until the feed holds all that it may', async () => {
  const { feed } = newFeed(3_600_000)
  feed.push(messages(0, 2), '2', '9')
  const full = feed.take(3, never)
  setImmediate(() => feed.push(messages(2, 5), '5', '9'))
  expect((await full)!.records).toHaveLength(3)

  const { feed: heavy, calls } = newFeed(3_600_000)
  heavy.push(messages(0, 1, 1_500_000), '1', '9')
  const paused = heavy.take(3, never)
  setImmediate(() => heavy.push(messages(1, 2, 1_500_000), '2', '9'))
  expect((await paused)!.records).toHaveLength(2)
  expect(calls).toEqual(['pause', 'resume'])
})

test('a take that waits ends with the next records, at the signal, or with the failure', async () => {
  const { feed } = newFeed()
  const records = feed.take(5, never)
  feed.push(messages(0, 1), '1', '1')
  expect((await records)!.records).toHaveLength(1)

  const ending = new AbortController()
  const nothing = feed.take(5, ending.signal)
  ending.abort()
  expect(await nothing).toBeUndefined()

  const failed = feed.take(5, never)
  feed.fail(new Error('fetched elsewhere'))
  await expect(failed).rejects.toThrow('fetched elsewhere')
})
