import * as fc from 'fast-check'
import avro from 'avsc'
import { describe, expect, test } from 'vitest'
import { createDecisionEncoder, createExplanationEncoder } from './codecs.ts'
import { EventError } from './event-error.ts'
import { parseSchema, schemaText, schemaType } from './schemas.ts'
import { arbitraryDecision, arbitraryExplanation } from './testing/arbitrary-events.ts'
import { unframe } from './wire-format.ts'
import { readWith } from './writer-schemas.ts'

const header = Buffer.from([0, 0, 0, 0, 7])
const runs = { seed: 20261122, numRuns: 2000 }

describe.each(['decisions', 'explained', 'quarantined', 'windows', 'drift'] as const)('wrong bytes for %s', (topic) => {
  test('are refused with a code, whatever they are', () => {
    const read = readWith(schemaType(topic), schemaText(topic), 7)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(outcome(Buffer.concat([header, bytes]), read)).toMatch(/^(value|EVENT_NOT_AVRO)$/)
      }),
      runs,
    )
  })
})

test.each([
  ['decisions', fc.sample(arbitraryDecision, { seed: 3, numRuns: 20 }).map(createDecisionEncoder({ decisions: 7 }))],
  [
    'explained',
    fc.sample(arbitraryExplanation, { seed: 3, numRuns: 20 }).map(createExplanationEncoder({ explained: 7 })),
  ],
] as const)('one byte changed in %s gives another event or a code, never a hang', (topic, records) => {
  const read = readWith(schemaType(topic), schemaText(topic), 7)
  const flips = fc.record({ record: fc.constantFrom(...records), at: fc.nat(), byte: fc.nat(255) })
  fc.assert(
    fc.property(flips, ({ record, at, byte }) => {
      const changed = Buffer.from(record)
      changed[5 + (at % (changed.length - 5))] = byte
      expect(outcome(changed, read)).toMatch(/^(value|EVENT_NOT_AVRO)$/)
    }),
    runs,
  )
})

describe('a count that no bytes follow', () => {
  const countless = { array: { type: 'array', items: 'string' }, map: { type: 'map', values: 'string' } } as const
  const counts = [2 ** 20, 2 ** 33, 2 ** 50, -(2 ** 33)]

  test.each([...counts.map((count) => ['array', count] as const), ...counts.map((count) => ['map', count] as const)])(
    'is refused where it is read: %s of %d',
    (kind, count) => {
      const type = parseSchema(JSON.stringify(countless[kind]))
      expect(() => type.fromBuffer(long(count))).toThrow(/a block of \d+ items in 0 bytes/)
    },
  )

  test.each(['array', 'map'] as const)('is refused where it is passed over: an unknown field of %ss', (kind) => {
    const writer = recordOf({ name: 'unknown', type: countless[kind] }, { name: 'known', type: 'string', default: '' })
    const read = readWith(parseSchema(recordOf({ name: 'known', type: 'string', default: '' })), writer, 7)
    expect(() => read(long(2 ** 33), 0)).toThrow(/a block of \d+ items in 0 bytes/)
    // A block's length may be negative too: following it back would read the same block for ever.
    expect(() => read(Buffer.concat([long(-3), long(-2), long(0)]), 0)).toThrow()
  })

  test('costs no more items than there are bytes', () => {
    const type = parseSchema(JSON.stringify({ type: 'array', items: JSON.parse(schemaText('decisions')) as object }))
    const bytes = Buffer.concat([long(100_000), Buffer.alloc(100_000, 2)])
    expect(() => type.fromBuffer(bytes)).toThrow()
  })
})

describe('maps and arrays', () => {
  test('are written as avsc writes them, and read in blocks of either form', () => {
    const text = JSON.stringify({ type: 'array', items: 'long' })
    const bytes = avro.Type.forSchema(JSON.parse(text) as avro.Schema).toBuffer([1, 2, 3])
    expect(parseSchema(text).toBuffer([1, 2, 3])).toEqual(bytes)
    expect(parseSchema(text).fromBuffer(bytes)).toEqual([1, 2, 3])
    expect(
      parseSchema(text).fromBuffer(Buffer.concat([long(-2), long(2), long(8), long(9), long(1), long(7), long(0)])),
    ).toEqual([8, 9, 7])
  })

  test('of an unknown field are passed over', () => {
    const known = { name: 'known', type: 'string', default: '' }
    const writer = recordOf(
      { name: 'list', type: { type: 'array', items: 'double' } },
      { name: 'table', type: { type: 'map', values: { type: 'array', items: 'string' } } },
      known,
    )
    const bytes = parseSchema(writer).toBuffer({ list: [1, 2], table: { a: ['b', 'c'], d: [] }, known: 'here' })
    expect(readWith(parseSchema(recordOf(known)), writer, 7)(bytes, 0)).toMatchObject({ known: 'here' })
  })
})

function outcome(bytes: Buffer, read: ReturnType<typeof readWith>): string {
  try {
    unframe(bytes, read)
    return 'value'
  } catch (error) {
    return error instanceof EventError ? error.code : String(error)
  }
}

function long(value: number): Buffer {
  return avro.Type.forSchema('long').toBuffer(value)
}

function recordOf(...fields: readonly object[]): string {
  return JSON.stringify({ type: 'record', name: 'Tested', fields })
}

describe('the keys of a map', () => {
  const mapType = parseSchema('{"type":"map","values":"double"}')
  const read = (value: Record<string, number>): unknown => mapType.fromBuffer(mapType.toBuffer(value))

  test('are read as they stand, whatever stood at their place before', () => {
    const maps = [
      { income: 1, age: 2 },
      { incomf: 1, age: 2 },
      { income: 1 },
      { inc: 1, age: 2 },
      { age: 2, income: 1 },
      { é: 1, ['x'.repeat(300)]: 2 },
      { è: 1, ['x'.repeat(299) + 'y']: 2 },
      {},
    ]
    for (const map of [...maps, ...maps.toReversed()])
      expect(Object.entries(read(map) as object)).toEqual(Object.entries(map))
  })

  test('that the bytes end in are refused, though they begin like the last ones', () => {
    const bytes = mapType.toBuffer({ income: 1 })
    expect(mapType.fromBuffer(bytes)).toEqual({ income: 1 })
    for (let end = 1; end < bytes.length; end++) expect(() => mapType.fromBuffer(bytes.subarray(0, end))).toThrow()
  })
})
