import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createExplanationEncoder } from './codecs.ts'
import type { DecisionExplanation } from './explanation.ts'
import { explanationFromWire } from './explanation-wire.ts'
import type { MonitoredExplanation } from './monitored-explanation.ts'
import { readMonitored } from './read-monitored.ts'
import { schemaType } from './schemas.ts'
import { arbitraryExplanation } from './testing/arbitrary-events.ts'
import { unframe } from './wire-format.ts'
import { readWith } from './writer-schemas.ts'

const type = schemaType('explained')
const readByAvsc = readWith(type, JSON.stringify(type.schema()), 7)
const encode = createExplanationEncoder({ explained: 7 })
const [explanation] = fc.sample(arbitraryExplanation, { seed: 3, numRuns: 1 }) as [DecisionExplanation]

describe('what is watched of an explanation', () => {
  test('is what avsc reads of it', () => {
    fc.assert(fc.property(arbitraryExplanation, expectSame), { seed: 20261128, numRuns: 500 })
  })

  test('is read with counterfactuals, which nothing writes yet', () => {
    const counterfactuals = [{ changes: { income: 7, region: 'north', age: null }, score: 0.5 }]
    const wire = { ...(type.clone(wireOf(explanation)) as object), counterfactuals }
    expectSameBytes(type.toBuffer(wire))
  })

  test('is read from blocks that say their length, as other writers write them', () => {
    const bytes = type.toBuffer(wireOf({ ...explanation, reviewReasons: ['ab', 'c'], contributions: [], reasons: [] }))
    const plain = Buffer.from([4, 4, 97, 98, 2, 99, 0])
    const place = bytes.indexOf(plain)
    const sized = Buffer.from([3, 10, ...plain.subarray(1)])
    const whole = Buffer.concat([bytes.subarray(0, place), sized, bytes.subarray(place + plain.length)])
    expectSameBytes(whole)
  })

  test.each([0, 1, 63, 64, 8191, 8192, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 53 - 2])('has a budget of %i rows', (rows) => {
    expectSame({ ...explanation, budget: { rows, seed: '' } })
  })

  test('is refused when the bytes end before it does, or go on after it', () => {
    const bytes = encode(explanation)
    for (let end = 5; end < bytes.length; end++)
      expect(() => unframe(bytes.subarray(0, end), readMonitored), `of ${end} bytes`).toThrow(
        expect.objectContaining({ code: 'EVENT_NOT_AVRO' }),
      )
    expect(() => unframe(Buffer.concat([bytes, Buffer.alloc(1)]), readMonitored)).toThrow('1 bytes are left over')
  })

  test('is read as avsc reads it or refused as avsc refuses it, whatever the bytes are', () => {
    const bytes = encode(explanation)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), (at, wrong) => {
        const broken = Buffer.from(bytes)
        broken.set(wrong.subarray(0, bytes.length - at), at)
        expect(tryTo(() => readMonitored(broken, 5))).toEqual(tryTo(() => readWhole(broken, 5)))
      }),
      { seed: 4, numRuns: 5000 },
    )
  })

  test('is its own after one of another model, of more names and of none', () => {
    const [first, second] = [explanation, { ...explanation, model: { name: 'm', version: '2', sha256: 'ff' } }]
    const many = Array.from({ length: 1200 }, (_, k) => ({
      feature: `feature ${k}`,
      value: k,
      contribution: k,
      interval: undefined,
    }))
    for (const each of [first, second, { ...first, contributions: many }, { ...second, contributions: [] }, first])
      expectSame(each)
  })
})

function wireOf(event: DecisionExplanation): unknown {
  return type.fromBuffer(encode(event).subarray(5))
}

function expectSame(event: DecisionExplanation): void {
  expectSameBytes(encode(event).subarray(5))
}

function expectSameBytes(bytes: Buffer): void {
  expect(readMonitored(bytes, 0)).toEqual(readWhole(bytes, 0))
}

function readWhole(bytes: Buffer, offset: number): MonitoredExplanation {
  return watchedOf(explanationFromWire(readByAvsc(bytes, offset)))
}

function tryTo<T>(read: () => T): T | 'refused' {
  try {
    return read()
  } catch {
    return 'refused'
  }
}

function watchedOf(whole: DecisionExplanation): MonitoredExplanation {
  const { explanationId, decisionId, decidedAt, status, adverse, space, method, artefactSha256 } = whole
  const { model, reference, budget, contributions, contributionsCut, quality } = whole
  return {
    ...{ explanationId, decisionId, decidedAt, status, adverse, space, method, artefactSha256 },
    ...{ model, contributions, contributionsCut },
    reference: { sha256: reference.sha256 },
    budget: { rows: budget.rows },
    quality: { surrogateFidelity: quality.surrogateFidelity, degraded: quality.degraded },
  }
}
