import * as fc from 'fast-check'
import { types, type Type } from 'avsc'
import { describe, expect, test } from 'vitest'
import {
  createDecisionEncoder,
  createDriftSignalEncoder,
  createExplanationEncoder,
  createQuarantineEncoder,
  decisionFromWire,
  quarantinedFromWire,
  type Encode,
} from './codecs.ts'
import type { DriftSignal } from './drift-signal.ts'
import { explanationFromWire } from './explanation-wire.ts'
import { parseSchema, schemaText, schemaType } from './schemas.ts'
import { arbitraryDecision, arbitraryExplanation, arbitraryQuarantined } from './testing/arbitrary-events.ts'
import type { TopicKey } from './topics.ts'
import { frame, schemaIdOf, unframe } from './wire-format.ts'
import { readWith } from './writer-schemas.ts'

const runs = { seed: 20261122, numRuns: 200 }
const encodeDecision = createDecisionEncoder({ decisions: 7 })
const decision = fc.sample(arbitraryDecision, { seed: 1, numRuns: 1 })[0]!

describeEvent('ScoredDecision', 'decisions', arbitraryDecision, encodeDecision, decisionFromWire)
describeEvent(
  'DecisionExplanation',
  'explained',
  arbitraryExplanation,
  createExplanationEncoder({ explained: 7 }),
  explanationFromWire,
)
describeEvent(
  'QuarantinedRecord',
  'quarantined',
  arbitraryQuarantined,
  createQuarantineEncoder({ quarantined: 7 }),
  quarantinedFromWire,
)

function describeEvent<T>(
  name: string,
  topic: TopicKey,
  arbitrary: fc.Arbitrary<T>,
  encode: Encode<T>,
  fromWire: (wire: unknown) => unknown,
): void {
  const read = readWith(schemaType(topic), schemaText(topic), 7)

  describe(name, () => {
    test('comes back whole, field by field', () => {
      fc.assert(
        fc.property(arbitrary, (event) => {
          expect(present(fromWire(unframe(encode(event), read)))).toEqual(present(event))
        }),
        runs,
      )
    })

    test('has the fields of its schema, and no other', () => {
      const reserved = ['counterfactuals']
      fc.assert(
        fc.property(arbitrary, (event) => {
          expectFields(schemaType(topic), event, reserved)
        }),
        runs,
      )
    })

    test('is read by a schema that gained and lost fields, and the other way round', () => {
      const other = evolved(topic)
      const newer = readWith(parseSchema(other), schemaText(topic), 7)
      const older = readWith(schemaType(topic), other, 7)
      fc.assert(
        fc.property(arbitrary, (event) => {
          const kept = unframe(encode(event), newer)
          expect(kept).toMatchObject({ addedText: 'new', addedMap: {} })
          const again = unframe(frame(7, parseSchema(other), kept), older)
          expect(again).not.toHaveProperty('addedText')
          expect(unframe(frame(7, schemaType(topic), again), newer)).toEqual(kept)
        }),
        { ...runs, numRuns: 30 },
      )
    })
  })
}

describe('the framing', () => {
  test('is magic byte 0 and the schema id in four bytes, big-endian', () => {
    expect(encodeDecision(decision).subarray(0, 5).toString('hex')).toBe('0000000007')
    expect(schemaIdOf(createDecisionEncoder({ decisions: 0x01020304 })(decision))).toBe(0x01020304)
  })

  test('stays valid however much is encoded after it, in slices that do not overlap', () => {
    const events = fc.sample(arbitraryDecision, { seed: 2, numRuns: 50 })
    const slices = Array.from({ length: 100 }, () => events.map(encodeDecision)).flat()
    const copies = slices.map((slice) => Buffer.from(slice))
    expect(slices.reduce((sum, slice) => sum + slice.length, 0)).toBeGreaterThan(3 * 65_536)
    slices.forEach((slice, k) => expect(slice.equals(copies[k % 50]!)).toBe(true))
  })

  test('holds records of any size', () => {
    const read = readWith(schemaType('decisions'), schemaText('decisions'), 7)
    for (const length of [60_000, 65_536, 65_537, 300_000, 10]) {
      const event = { ...decision, features: { long: 'é'.repeat(length) } }
      expect(decisionFromWire(unframe(encodeDecision(event), read)).features).toEqual(event.features)
    }
  })

  test('refuses a value that is not of its type, naming the field and keeping the value to itself', () => {
    const wrong = { ...decision, features: { INCOME: ['secret'] as unknown as string } }
    expect(() => encodeDecision(wrong)).toThrow(/ScoredDecision cannot be encoded: features.INCOME is a object, not/)
    expect(() => encodeDecision(wrong)).not.toThrow(/secret/)
  })
})

test('a signal that an earlier version has kept is written, with defaults of the fields that it lacks', () => {
  const read = readWith(schemaType('drift'), schemaText('drift'), 7)
  const older = { alarmId: 'a-1', state: 'raised', sinceWindow: 30 } as DriftSignal
  const written = unframe(createDriftSignalEncoder({ drift: 7 })(older), read)
  expect(written).toMatchObject({ ...older, since: '', changes: [] })
})

describe('an event that is not ours to read', () => {
  const read = readWith(schemaType('decisions'), schemaText('decisions'), 7)
  const bytes = encodeDecision(decision)

  test.each([
    ['no value', null],
    ['no byte', Buffer.alloc(0)],
    ['half a header', Buffer.from([0, 0, 0])],
    ['JSON', Buffer.from('{"eventId":"e-1"}')],
  ])('has a value without header: %s', (_, value) => {
    expect(() => schemaIdOf(value)).toThrow(expect.objectContaining({ code: 'EVENT_NOT_AVRO' }))
  })

  test('is a tombstone, of whatever topic', () => {
    expect(() => schemaIdOf(null)).toThrow('the record has no value: write an event, a tombstone is none')
  })

  test.each([
    ['ends early', bytes.subarray(0, -1)],
    ['has bytes left over', Buffer.concat([bytes, Buffer.from([0])])],
    ['is a header alone', bytes.subarray(0, 5)],
  ])('%s', (_, value) => {
    expect(() => unframe(value, read)).toThrow(expect.objectContaining({ code: 'EVENT_NOT_AVRO' }))
  })

  test.each([
    ['eventId', { eventId: '' }],
    ['model.name', { model: { name: '', version: '1' } }],
    ['model.version', { model: { name: 'm', version: '' } }],
  ])('has no %s', (field, absent) => {
    const wire = unframe(encodeDecision({ ...decision, ...absent }), read)
    const named = expect.objectContaining({ code: 'EVENT_INVALID', message: expect.stringContaining(field) as string })
    expect(() => decisionFromWire(wire)).toThrow(named as Error)
  })

  test('was written with the record of another subject', () => {
    expect(() => readWith(schemaType('decisions'), schemaText('quarantined'), 3)).toThrow(
      expect.objectContaining({ code: 'SCHEMA_INCOMPATIBLE' }),
    )
  })
})

test('a number that is not one passes through: whether it stands for a missing value is the model’s to say', () => {
  const read = readWith(schemaType('decisions'), schemaText('decisions'), 7)
  const { features } = decisionFromWire(unframe(encodeDecision({ ...decision, features: { a: NaN } }), read))
  expect(features['a']).toBeNaN()
})

test('a decision without an id of its own takes its event’s', () => {
  const read = readWith(schemaType('decisions'), schemaText('decisions'), 7)
  const wire = unframe(encodeDecision({ ...decision, decisionId: '' }), read)
  expect(decisionFromWire(wire).decisionId).toBe(decision.eventId)
})

/** Maps all the way: keys such as __proto__ count, fields that are undefined do not. */
function present(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.toString('hex')
  if (Array.isArray(value)) return value.map(present)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return new Map(entries.map(([key, field]) => [key, present(field)]))
}

/** Walks a value beside its type: at every record the names are the same. */
function expectFields(type: Type, value: unknown, reserved: readonly string[]): void {
  if (type instanceof types.RecordType) {
    const fields = type.fields.filter(({ name }) => !reserved.includes(name))
    expect(Object.keys(value as object).toSorted()).toEqual(fields.map(({ name }) => name).toSorted())
    for (const field of fields) expectFields(field.type, (value as Record<string, unknown>)[field.name], reserved)
  } else if (type instanceof types.ArrayType)
    (value as unknown[]).forEach((item) => expectFields(type.itemsType, item, reserved))
  else if (type instanceof types.UnwrappedUnionType && value !== undefined) {
    const record = type.types.find((branch) => branch instanceof types.RecordType)
    if (record !== undefined) expectFields(record, value, reserved)
  }
}

/** The topic's schema after years: two fields more, one fewer. */
function evolved(topic: TopicKey): string {
  const schema = JSON.parse(schemaText(topic)) as { fields: object[] }
  const added = [
    { name: 'addedText', type: 'string', default: 'new' },
    { name: 'addedMap', type: { type: 'map', values: 'double' }, default: {} },
  ]
  return JSON.stringify({ ...schema, fields: [added[0], ...schema.fields.slice(0, -1), added[1]] })
}

test.each([Number.NaN, Infinity, -Infinity])('a decision with the score %s is refused', (score) => {
  const wire = {
    eventId: 'e',
    decisionId: 'd',
    decidedAt: '',
    model: { name: 'm', version: '1' },
    features: {},
    score,
    outcome: null,
  }
  expect(() => decisionFromWire(wire)).toThrowError(expect.objectContaining({ code: 'EVENT_INVALID' }))
})
