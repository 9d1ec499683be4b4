import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explanationToJson } from './explanation-json.ts'
import { arbitraryExplanation } from './testing/arbitrary-events.ts'

const interval = { low: 0.1, high: 0.3 }
const explanation = {
  ...fc.sample(arbitraryExplanation, { seed: 8, numRuns: 1 })[0]!,
  outcome: 'line\nbreak',
  contributions: [
    { feature: 'AGE', value: null, contribution: 0.2, interval },
    { feature: 'address', value: { city: 'Lyon', years: 3 }, contribution: -0.1, interval: undefined },
  ],
}
const promised = [
  ...['eventId', 'status', 'baseValue', 'modelOutput', 'method', 'reasons', 'outcome', 'score', 'adverse', 'space'],
  ...['model', 'reference', 'budget'],
]

test('the line of raison explain holds every contribution, a group’s value as an object, an interval where there is one', () => {
  const line = explanationToJson(explanation, 'all')
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toMatchObject({
    contributions: [
      { feature: 'AGE', value: null, contribution: 0.2, interval },
      { feature: 'address', value: { city: 'Lyon', years: 3 }, contribution: -0.1 },
    ],
  })
  expect((JSON.parse(line) as typeof explanation).contributions[1]).not.toHaveProperty('interval')
})

test.each(['all', 'reasons'] as const)('the line of raison explain has the fields it promises: %s', (contributions) => {
  const line = JSON.parse(explanationToJson(explanation, contributions)) as Record<string, unknown>
  expect(Object.keys(line)).toEqual(expect.arrayContaining(promised))
  expect('contributions' in line).toBe(contributions === 'all')
})
