import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { OutputRecord, RawRecord } from '../processor.ts'
import { packOutputs, packRecords, unpackOutputs, unpackRecords, type Packed } from './pack-records.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array))
const name = fc.string({ minLength: 1, maxLength: 8 }).filter((text) => text !== '__proto__')

/** kafkajs gives null for a header without value, whatever its types say. */
const headers = fc.dictionary(name, fc.oneof(bytes, fc.string(), fc.constant(null as unknown as undefined)), {
  noNullPrototype: true,
})
const rawRecord: fc.Arbitrary<RawRecord> = fc.record({
  topic: fc.constantFrom('one', 'two'),
  partition: fc.nat(5),
  offset: fc.nat().map(String),
  timestamp: fc.nat().map(String),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers,
})

test('records come back as they were, null keys and values, empty ones and headers without value too, and texts of headers as bytes', () => {
  fc.assert(
    fc.property(fc.array(rawRecord, { maxLength: 30 }), (records) => {
      const expected = records.map((each) => ({ ...each, headers: asBytes(each.headers) }))
      expect(unpackRecords(toOtherThread(packRecords(records)))).toEqual(expected)
    }),
    { seed: 7, numRuns: 300 },
  )
})

test('outputs come back as they were, their keys and headers as bytes', () => {
  const timestamp = fc.option(fc.nat().map(String), { nil: undefined })
  const written = fc.option(fc.dictionary(name, fc.oneof(bytes, fc.string()), { noNullPrototype: true }), {
    nil: undefined,
  })
  const output = fc
    .record({ topic: fc.constantFrom('out', 'aside'), key: fc.oneof(bytes, fc.string()), value: bytes })
    .chain((fields) => fc.tuple(fc.constant(fields), timestamp, written))
    .map(([fields, at, own]): OutputRecord => ({
      ...fields,
      ...(at !== undefined && { timestamp: at }),
      ...(own && { headers: own }),
    }))
  fc.assert(
    fc.property(fc.array(output, { maxLength: 30 }), (outputs) => {
      const expected = outputs.map((each) => ({
        ...each,
        key: Buffer.from(each.key),
        ...(each.headers && { headers: asBytes(each.headers) }),
      }))
      expect(unpackOutputs(toOtherThread(packOutputs(outputs)))).toEqual(expected)
    }),
    { seed: 8, numRuns: 300 },
  )
})

test('ten thousand records are one buffer, and the buffers they lay in stay behind', () => {
  const pool = Buffer.alloc(1_000_000, 'p')
  const records = Array.from({ length: 10_000 }, (_, i): RawRecord => ({
    topic: 'in',
    partition: 0,
    offset: String(i),
    timestamp: '0',
    key: pool.subarray(i, i + 3),
    value: pool.subarray(i, i + 50),
    headers: { trace: pool.subarray(i, i + 4) },
  }))
  const packed = packRecords(records)
  expect(packed.bytes.buffer.byteLength).toBe(10_000 * 57)
  const copies = unpackRecords(toOtherThread(packed))
  expect(copies).toEqual(records)
  expect(pool.length).toBe(1_000_000)
})

function asBytes(headers: RawRecord['headers']): Record<string, Buffer | null> {
  return Object.fromEntries(
    Object.entries(headers).map(([each, value]) => [
      each,
      value === null || value === undefined ? null : Buffer.from(value),
    ]),
  )
}

/** What a message port does to it. */
function toOtherThread(packed: Packed): Packed {
  const moved = structuredClone(packed, { transfer: [packed.bytes.buffer] })
  expect(packed.bytes.length).toBe(0)
  return moved
}
