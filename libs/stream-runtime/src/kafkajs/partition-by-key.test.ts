import fc from 'fast-check'
import { Partitioners, type PartitionerArgs } from 'kafkajs'
import { expect, test } from 'vitest'
import { partitionByKey } from './partition-by-key.ts'

const key = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
)
const metadata = (count: number) =>
  Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    leader: 0,
  })) as PartitionerArgs['partitionMetadata']

test('keys of texts and bytes get the partitions that kafkajs gives them, empty and unicode ones too', () => {
  const [theirs, ours] = [Partitioners.DefaultPartitioner(), partitionByKey()]
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 50 }), (some, count) => {
      const asked = { topic: 't', partitionMetadata: metadata(count), message: { key: some, value: null } }
      expect(ours(asked)).toBe(theirs(asked))
    }),
    { seed: 11, numRuns: 2000 },
  )
})

test('a partition that is said is taken', () => {
  const message = { key: 'k', value: null, partition: 3 }
  expect(partitionByKey()({ topic: 't', partitionMetadata: metadata(9), message })).toBe(3)
})
