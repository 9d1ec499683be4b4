import { expect, test } from 'vitest'
import { scoreApplications, type ScoringModel } from './score-applications.ts'
import { simulateApplications } from './simulate-applications.ts'

/** Whose score is the age, and which declines from 40 on or up to it. */
const byAge = (adverse: 'high' | 'low'): ScoringModel => ({
  bundle: {
    model: { name: 'by-age', version: '1' },
    features: [{ name: 'savings' }, { name: 'age' }],
    decision: { adverse, cutoff: 40 },
  },
  model: { score: async (rows, count) => Float64Array.from({ length: count }, (_, k) => rows[2 * k + 1]!) },
})

const applications = [...simulateApplications({ seed: 1, count: 200 })]
const naming = { first: 7, decidedAt: '2026-11-22T10:00:00.000Z' }

test('decisions are numbered on, and carry what the model has seen and said', async () => {
  const [decision, next] = await scoreApplications(byAge('high'), applications, naming)
  const { features } = applications[0]!
  expect(decision).toMatchObject({ eventId: 'LOAN-000007-1', decisionId: 'LOAN-000007', features, score: features.age })
  expect(decision).toMatchObject({ decidedAt: naming.decidedAt, model: { name: 'by-age', version: '1' } })
  expect(next!.decisionId).toBe('LOAN-000008')
})

test('an application is declined on the adverse side of the cutoff, and at the cutoff', async () => {
  for (const adverse of ['high', 'low'] as const) {
    const declined = (age: number): boolean => (adverse === 'high' ? age >= 40 : age <= 40)
    const decisions = await scoreApplications(byAge(adverse), applications, naming)
    expect(decisions.map(({ outcome }) => outcome)).toEqual(
      applications.map(({ features }) => (declined(features.age!) ? 'DECLINED' : 'APPROVED')),
    )
    expect(decisions.map(({ score }) => score)).toContain(40)
  }
})
