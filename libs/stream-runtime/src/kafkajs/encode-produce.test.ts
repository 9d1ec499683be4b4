import { createRequire } from 'node:module'
import { zstdDecompressSync } from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ProduceRequest } from './encode-produce.ts'

const require = createRequire(import.meta.url)
type Encoded = { readonly buffer: Buffer }
type RequestOf = (request: ProduceRequest) => { apiVersion: number; encode(): Promise<Encoded> }
const v3 = 'kafkajs/src/protocol/requests/produce/v3/request'
const theirs = require(v3) as RequestOf
await import('./zstd.ts')
const { encodeProduce } = await import('./encode-produce.ts')
const ours = require('kafkajs/src/protocol/requests/produce/v7/request') as RequestOf

const text = fc.string({ unit: 'grapheme', maxLength: 70 })
const bytes = fc.oneof(
  text,
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
)
const message = fc.record({
  key: fc.option(bytes),
  value: fc.option(fc.oneof(bytes, fc.constant(Buffer.alloc(20_000, 'x')))),
  // Of one length: kafkajs orders them as texts.
  timestamp: fc.integer({ min: 1_000_000_000_000, max: 1_999_999_999_999 }).map(String),
  headers: fc.option(fc.dictionary(text, fc.oneof(bytes, fc.array(bytes, { maxLength: 3 }))), { nil: undefined }),
})
const partition = fc.record({
  partition: fc.nat(1000),
  firstSequence: fc.nat(),
  messages: fc.array(message, { minLength: 1, maxLength: 20 }),
})
const request: fc.Arbitrary<ProduceRequest> = fc.record({
  transactionalId: fc.option(text),
  acks: fc.constantFrom(-1, 0, 1),
  timeout: fc.nat(),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }).map(String),
  producerEpoch: fc.nat(32_767),
  topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 3 }) }), { maxLength: 3 }),
})

test('a request has the bytes that kafkajs writes', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const { buffer } = await theirs(asked).encode()
      expect(encodeProduce(asked, 0).equals(buffer)).toBe(true)
    }),
    { seed: 20261123, numRuns: 300 },
  )
})

test('kafkajs sends what is written here, under the number of its version', async () => {
  const [asked] = fc.sample(request, { seed: 1, numRuns: 1 }) as [ProduceRequest]
  const { apiVersion, encode } = ours(asked)
  expect(apiVersion).toBe(7)
  expect((await encode()).buffer.equals(encodeProduce(asked, 0))).toBe(true)
})

test('messages without a time are of now, and the first of several times is the least as a number', () => {
  const value = Buffer.from('v')
  const asked = (messages: { value: Buffer; timestamp?: string }[]): ProduceRequest => ({
    acks: -1,
    timeout: 1,
    topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }],
  })
  const now = 1_700_000_000_000
  expect(encodeProduce(asked([{ value }]), now)).toEqual(encodeProduce(asked([{ value, timestamp: String(now) }]), 0))
  // kafkajs would take 1000 for the first of the two, and write a negative delta.
  const written = encodeProduce(
    asked([
      { value, timestamp: '1000' },
      { value, timestamp: '999' },
    ]),
    now,
  )
  const firstTimestamp = 54 // of the batch of the only partition; the last one follows it
  expect([written.readBigInt64BE(firstTimestamp), written.readBigInt64BE(firstTimestamp + 8)]).toEqual([999n, 1000n])
})

test('records compressed with zstd are those that kafkajs compresses, and the rest of the request stays', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const compressed = { ...asked, compression: zstd }
      const [written, reference] = [await ours(compressed).encode(), await theirs(compressed).encode()]
      expect(decompress(written.buffer, asked)).toEqual(decompress(reference.buffer, asked))
    }),
    { seed: 20261124, numRuns: 100 },
  )
})

test('a request that gzip compresses is left to kafkajs', async () => {
  const [asked] = fc.sample(request, { seed: 2, numRuns: 1 }) as [ProduceRequest]
  const gzip = { ...asked, compression: 1 }
  expect((await ours(gzip).encode()).buffer.equals((await theirs(gzip).encode()).buffer)).toBe(true)
})

const zstd = 4
const batchHead = 61

interface ReadBatch {
  /** With neither its lengths nor its checksum. */
  readonly head: Buffer
  readonly records: Buffer
}

/** What a compressed request says, and its batches with their records as they were; lengths and checksums are proved. */
function decompress(bytes: Buffer, { topicData, transactionalId }: ProduceRequest): (ReadBatch | Buffer)[] {
  const parts: (ReadBatch | Buffer)[] = []
  let at = 0
  const skip = (length: number): void => {
    parts.push(bytes.subarray(at, (at += length)))
  }
  skip(2 + Buffer.byteLength(transactionalId ?? '') + 10)
  for (const { topic, partitions } of topicData) {
    skip(2 + Buffer.byteLength(topic) + 4)
    for (let k = 0; k < partitions.length; k++) {
      skip(4)
      const batch = bytes.subarray(at + 4, at + 4 + bytes.readInt32BE(at))
      expect(batch.readInt32BE(8)).toBe(batch.length - 12)
      expect(batch.readUInt32BE(17)).toBe(crc32c(batch.subarray(21)))
      const head = Buffer.concat([batch.subarray(0, 8), batch.subarray(12, 17), batch.subarray(21, batchHead)])
      parts.push({ head, records: zstdDecompressSync(batch.subarray(batchHead)) })
      at += 4 + batch.length
    }
  }
  expect(at).toBe(bytes.length)
  return parts
}
