import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createExplanationEncoder } from './codecs.ts'
import type { DecisionExplanation } from './explanation.ts'
import { schemaType } from './schemas.ts'
import { arbitraryExplanation } from './testing/arbitrary-events.ts'
import { frame } from './wire-format.ts'

const type = schemaType('explained')
const encode = createExplanationEncoder({ explained: 7 })
const [explanation] = fc.sample(arbitraryExplanation, { seed: 3, numRuns: 1 }) as [DecisionExplanation]

test('an explanation has the bytes that avsc writes', () => {
  fc.assert(fc.property(arbitraryExplanation, expectSameBytes), { seed: 20261123, numRuns: 500 })
})

/** Where the length of a text begins to take another byte, in characters of one, two, three and four bytes. */
const lengths = [0, 1, 15, 16, 20, 21, 22, 31, 32, 33, 62, 63, 64, 65, 2730, 2731, 4095, 4096, 8190, 8191, 8192, 70_000]
test.each(lengths)('a text and a name of %i characters have the bytes that avsc writes', (length) => {
  for (const character of ['a', 'é', '’', '\u202f', '\u{1f600}']) {
    const text = character.repeat(length)
    expectSameBytes({ ...explanation, decisionId: text, status: text as 'OK' })
  }
})

test('half a character becomes the replacement character, as in any UTF-8', () => {
  expect(
    encode({ ...explanation, decisionId: '\ud800' }).equals(encode({ ...explanation, decisionId: '\ufffd' })),
  ).toBe(true)
})

test('what is not of its type is refused with the name of the field, and the next explanation is whole', () => {
  const wrong = { ...explanation, decisionId: 7 as unknown as string }
  expect(() => encode(wrong)).toThrow(/DecisionExplanation cannot be encoded: decisionId is a number, not "string"/)
  expectSameBytes(explanation)
})

test.each([
  ['score', '7'],
  ['score', undefined],
  ['contributionsCut', 'no'],
  ['budget', { rows: 1.5, seed: '' }],
  ['budget', { rows: Infinity, seed: '' }],
])('a %s that is %j is refused', (field, value) => {
  expect(() => encode({ ...explanation, [field]: value } as DecisionExplanation)).toThrow(TypeError)
  expectSameBytes(explanation)
})

// The last numbers of a record were written past the end of the pool, and lost, when exactly so much room was left.
test('an explanation is whole wherever in the pool it begins', () => {
  const interval = { low: -1, high: 1 }
  const quality = { ...explanation.quality, scoreParityGap: 0.1, surrogateFidelity: 0.9 }
  const contributions = [{ feature: 'age', value: 48, contribution: 0.5, interval }]
  const reasons = fc
    .sample(arbitraryExplanation, { seed: 5, numRuns: 20 })
    .find((one) => one.reasons.length > 0)!.reasons
  for (const event of [
    { ...explanation, contributions, quality, reasons },
    { ...explanation, contributions, quality, reasons: [] },
  ]) {
    const expected = Buffer.from(frame(7, type, event))
    const step = expected.length
    // Each round begins the records one byte later: a filler whose length is not a multiple of theirs.
    for (let shift = 0; shift <= step; shift++) {
      frame(7, schemaType('decisions'), filler(shift))
      for (let written = 0; written < 65_536 + step; written += step) expect(encode(event).equals(expected)).toBe(true)
    }
  }
})

test('names that are remembered are written anew when there are more than can be', () => {
  for (let k = 0; k < 12_000; k++) encode({ ...explanation, space: `space ${k}` })
  expectSameBytes({ ...explanation, space: 'space 3' })
})

/** The second time what comes again is written from remembered bytes. */
function expectSameBytes(event: DecisionExplanation): void {
  const expected = frame(7, type, event)
  expect(encode(event).equals(expected)).toBe(true)
  expect(encode(event).equals(expected)).toBe(true)
}

function filler(length: number): object {
  return {
    eventId: 'x'.repeat(length),
    decisionId: '',
    decidedAt: '',
    model: { name: '', version: '' },
    features: {},
    score: null,
    outcome: null,
  }
}
