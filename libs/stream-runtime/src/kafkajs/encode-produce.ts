/**
 * kafkajs 2.2 writes each record through several buffers of its own, copies a batch four times, and computes its checksum
 * byte by byte: a third of what the Kafka thread spent on an explanation. One buffer, one pass and a native checksum are put
 * in the place of that as soon as this module is loaded; the bytes are the same. The records of a batch may be compressed with
 * zstd, on Node's thread pool; requests of other codecs stay kafkajs's.
 * Contract: Kafka protocol, "Produce" versions 3 to 7, and "Record Batch" with magic 2.
 */
import { createRequire } from 'node:module'
import { crc32c } from '@node-rs/crc32'
import { batchHead, compressBatches, giveBack, takeScratch, zstd, type BatchPlace } from './compress-batches.ts'

export interface ProduceRequest {
  readonly transactionalId?: string | null | undefined
  readonly acks: number
  readonly timeout: number
  /** A 64-bit integer, in kafkajs's own type or as text. */
  readonly producerId?: { toString(): string }
  readonly producerEpoch?: number
  readonly compression?: number
  readonly topicData: readonly { readonly topic: string; readonly partitions: readonly PartitionData[] }[]
}

interface PartitionData {
  readonly partition: number
  readonly firstSequence?: number
  readonly messages: readonly ProducedMessage[]
}

type Bytes = Buffer | string | null | undefined

interface ProducedMessage {
  readonly key?: Bytes
  readonly value: Bytes
  /** Milliseconds; now, where there is none. */
  readonly timestamp?: string | number | undefined
  readonly headers?: Readonly<Record<string, Bytes | readonly Bytes[]>> | undefined
}

interface KafkajsRequest {
  encode(): Promise<{ buf: Buffer; offset: number }>
}

const require = createRequire(import.meta.url)
const Encoder = require('kafkajs/src/protocol/encoder') as new (size: number) => { buf: Buffer; offset: number }
const place = require.resolve('kafkajs/src/protocol/requests/produce/v3/request')
const theirs = require(place) as (request: ProduceRequest) => KafkajsRequest

require.cache[place]!.exports = (request: ProduceRequest): KafkajsRequest => ({
  ...theirs(request),
  ...(!request.compression && { encode: async () => asEncoder(encodeProduce(request, Date.now())) }),
  ...(request.compression === zstd && { encode: async () => asEncoder(await compressed(request, Date.now())) }),
})

function asEncoder(bytes: Buffer): { buf: Buffer; offset: number } {
  return Object.assign(new Encoder(1), { buf: bytes, offset: bytes.length })
}

/** Of a varint, at most; a record has its length, two deltas, two lengths and the count of its headers. */
const varint = 10

function sizeAtMost({ transactionalId, topicData }: ProduceRequest): number {
  let size = 2 + lengthOf(transactionalId ?? '') + 10
  for (const { topic, partitions } of topicData) {
    size += 2 + lengthOf(topic) + 4
    for (const { messages } of partitions) {
      size += 8 + batchHead
      for (const { key, value, headers } of messages) {
        size += 1 + 6 * varint + Math.max(0, lengthOf(key)) + Math.max(0, lengthOf(value))
        for (const name in headers)
          for (const one of [headers[name] as Bytes | readonly Bytes[]].flat())
            size += 2 * varint + lengthOf(name) + Math.max(0, lengthOf(one as Bytes))
      }
    }
  }
  return size
}

/** Where the next byte goes. */
interface Cursor {
  readonly bytes: Buffer
  at: number
  readonly batches: BatchPlace[]
}

/** The body of the request. `now`, in milliseconds, stands for the timestamps that messages do not have. */
export function encodeProduce(request: ProduceRequest, now: number): Buffer {
  const { bytes, at } = writeRequest(request, now, Buffer.allocUnsafeSlow)
  return bytes.subarray(0, at)
}

/** The same, the records of each batch compressed with zstd. */
async function compressed(request: ProduceRequest, now: number): Promise<Buffer> {
  const { bytes, at, batches } = writeRequest(request, now, takeScratch)
  try {
    return await compressBatches(bytes.subarray(0, at), batches)
  } finally {
    giveBack(bytes)
  }
}

function writeRequest(request: ProduceRequest, now: number, allocate: (size: number) => Buffer): Cursor {
  const { transactionalId, acks, timeout, topicData } = request
  const into: Cursor = { bytes: allocate(sizeAtMost(request)), at: 0, batches: [] }
  writeString(into, transactionalId)
  writeInt16(into, acks)
  writeInt32(into, timeout)
  writeInt32(into, topicData.length)
  for (const { topic, partitions } of topicData) {
    writeString(into, topic)
    writeInt32(into, partitions.length)
    for (const data of partitions) {
      writeInt32(into, data.partition)
      const start = into.at + 4
      writeSized(into, () => writeBatch(into, data, request, now))
      into.batches.push({ start, end: into.at })
    }
  }
  return into
}

const magic = 2
const inTransaction = 16

function writeBatch(into: Cursor, data: PartitionData, request: ProduceRequest, now: number): void {
  const { producerId = -1, producerEpoch = 0, transactionalId } = request
  const times = data.messages.map(({ timestamp }) => Number(timestamp ?? now))
  const first = times.reduce((a, b) => Math.min(a, b))
  const last = times.reduce((a, b) => Math.max(a, b))
  writeInt64(into, 0n) // the broker gives the offsets
  writeSized(into, () => {
    writeInt32(into, 0) // the leader's epoch: the broker's, too
    into.at = into.bytes.writeInt8(magic, into.at)
    const checksum = into.at
    into.at += 4
    writeInt16(into, transactionalId ? inTransaction : 0)
    writeInt32(into, data.messages.length - 1)
    writeInt64(into, BigInt(first))
    writeInt64(into, BigInt(last))
    writeInt64(into, BigInt(producerId.toString()))
    writeInt16(into, producerEpoch)
    writeInt32(into, data.firstSequence ?? 0)
    writeInt32(into, data.messages.length)
    data.messages.forEach((message, i) => writeRecord(into, message, i, times[i]! - first))
    into.bytes.writeUInt32BE(crc32c(into.bytes.subarray(checksum + 4, into.at)), checksum)
  })
}

function writeRecord(into: Cursor, { key, value, headers = {} }: ProducedMessage, offset: number, time: number): void {
  const named = Object.entries(headers).flatMap(([name, values]) =>
    Array.isArray(values) ? values.map((one: Bytes) => [name, one] as const) : [[name, values as Bytes] as const],
  )
  let size =
    1 + sizeOfVarint(time) + sizeOfVarint(offset) + sizeOfBytes(key) + sizeOfBytes(value) + sizeOfVarint(named.length)
  for (const [name, one] of named) size += sizeOfBytes(name) + sizeOfBytes(one)
  writeVarint(into, size)
  into.bytes[into.at++] = 0
  writeVarint(into, time)
  writeVarint(into, offset)
  writeBytes(into, key)
  writeBytes(into, value)
  writeVarint(into, named.length)
  for (const [name, one] of named) {
    writeBytes(into, name)
    writeBytes(into, one)
  }
}

/** What `write` writes, its length in four bytes before it. */
function writeSized(into: Cursor, write: () => void): void {
  const start = into.at
  into.at += 4
  write()
  into.bytes.writeInt32BE(into.at - start - 4, start)
}

function writeString(into: Cursor, text: string | null | undefined): void {
  const size = typeof text === 'string' ? into.bytes.write(text, into.at + 2) : -1
  writeInt16(into, size)
  into.at += Math.max(0, size)
}

function writeInt16(into: Cursor, value: number): void {
  into.at = into.bytes.writeInt16BE(value, into.at)
}

function writeInt32(into: Cursor, value: number): void {
  into.at = into.bytes.writeInt32BE(value, into.at)
}

function writeInt64(into: Cursor, value: bigint): void {
  into.at = into.bytes.writeBigInt64BE(value, into.at)
}

/** Zigzag, for −1 and integers that are not negative. */
function writeVarint(into: Cursor, value: number): void {
  let rest = value < 0 ? 1 : 2 * value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into.bytes[into.at++] = (rest % 0x80) | 0x80
  into.bytes[into.at++] = rest
}

function sizeOfVarint(value: number): number {
  let size = 1
  for (let rest = 2 * value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function writeBytes(into: Cursor, bytes: Bytes): void {
  writeVarint(into, lengthOf(bytes))
  if (typeof bytes === 'string') into.at += into.bytes.write(bytes, into.at)
  else if (bytes) into.at += bytes.copy(into.bytes, into.at)
}

function sizeOfBytes(bytes: Bytes): number {
  const length = lengthOf(bytes)
  return sizeOfVarint(length) + Math.max(0, length)
}

function lengthOf(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return -1
  return typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
}
