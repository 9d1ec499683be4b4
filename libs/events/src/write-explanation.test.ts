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

test('names that are remembered are written anew when there are more than can be', () => {
  for (let k = 0; k < 12_000; k++) encode({ ...explanation, outcome: `outcome ${k}` })
  expectSameBytes({ ...explanation, outcome: 'outcome 3' })
})

function expectSameBytes(event: DecisionExplanation): void {
  expect(encode(event).equals(frame(7, type, event))).toBe(true)
}
