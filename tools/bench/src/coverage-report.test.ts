import { expect, test } from 'vitest'
import { describeCoverage } from './coverage-report.ts'

const measured = { budget: undefined, rows: 1025, error: 5e-4, topAgreement: 0.96, covered: 0.953, width: 0.02 }
const describe = (coveredLargest: number): string =>
  describeCoverage([
    { title: 'A net', decisions: 20, seeds: 100, method: 'any', measured: [{ ...measured, coveredLargest }] },
  ])

test('a reader is told where the intervals of the largest contributions hold less often than they say', () => {
  expect(describe(0.885)).toContain('too narrow: as shipped, they held 88.5 % of the true ones, not 95 %.')
  expect(describe(0.947)).not.toContain('too narrow')
})
