import { describe, expect, it } from 'vitest'
import { driftScenarioNames, type DriftScenarioName } from './drift-scenarios.ts'
import { featureNames, type Application, type FeatureName } from './application.ts'
import { simulateApplications } from './simulate-applications.ts'
import { trueLogOdds } from './true-effects.ts'
import { trueImportance } from './true-importance.ts'

const many = [...simulateApplications({ seed: 1, count: 4000 })]

describe('simulateApplications', () => {
  it('gives the same applications for the same seed, and others for another', () => {
    expect([...simulateApplications({ seed: 1, count: 50 })]).toEqual(many.slice(0, 50))
    expect([...simulateApplications({ seed: 2, count: 50 })]).not.toEqual(many.slice(0, 50))
  })

  it('names every feature of an application in the order of the model columns', () => {
    for (const { features } of many.slice(0, 100))
      expect(Object.keys(features).sort()).toEqual([...featureNames].sort())
  })

  it('keeps every value within what a lender would believe', () => {
    const ranges = {
      age: [18, 82],
      monthly_income: [560, 15_000],
      amount: [1000, 75_000],
      term_months: [6, 84],
    } as const
    for (const [name, [low, high]] of Object.entries(ranges))
      for (const value of known(many, name as FeatureName)) expect(value).toSatisfy(within(low, high))
    for (const name of ['utilisation', 'debt_ratio'] as const)
      for (const value of known(many, name)) expect(value).toSatisfy(within(0, 100))
  })

  it('gives each loan one purpose', () => {
    const purposes = featureNames.filter((name) => name.startsWith('purpose_'))
    for (const { features } of many) expect(purposes.reduce((sum, name) => sum + features[name]!, 0)).toBe(1)
  })

  it('lets about a fifth of the applicants default, as the true log-odds say', () => {
    const expected = mean(many.map(({ features }) => 1 / (1 + Math.exp(-trueLogOdds(features)))))
    expect(mean(many.map(({ defaulted }) => defaulted))).toBeCloseTo(expected, 1)
    expect(expected).toBeGreaterThan(0.15)
    expect(expected).toBeLessThan(0.25)
  })

  it('ties the features together: owners are older, late payers use more of their revolving credit', () => {
    const owners = (home: number) =>
      mean(
        known(
          many.filter((a) => a.features.home_owner === home),
          'age',
        ),
      )
    expect(owners(1)).toBeGreaterThan(owners(0) + 5)
    const used = (late: boolean) =>
      mean(
        known(
          many.filter((a) => a.features.late_payments_12m! > 0 === late),
          'utilisation',
        ),
      )
    expect(used(true)).toBeGreaterThan(used(false) + 8)
  })

  it('leaves out values for a reason: no overdrafts of strangers, no last late payment of the punctual', () => {
    for (const { features } of many) expect(features.overdraft_days_12m === null).toBe(features.customer_years === 0)
    for (const { features } of many)
      if (features.late_payments_12m! > 0) expect(features.months_since_late).toBeLessThanOrEqual(12)
  })
})

describe('drift scenarios', () => {
  const drifted = (scenario: DriftScenarioName) => [
    ...simulateApplications({ seed: 1, count: 4000, scenario, driftStart: 1000 }),
  ]

  it.each(driftScenarioNames)('%s changes nothing before it starts, and something after', (scenario) => {
    const stream = drifted(scenario)
    expect(stream.slice(0, 1000)).toEqual(many.slice(0, 1000))
    expect(stream.slice(1000)).not.toEqual(many.slice(1000))
  })

  it.each(['unit-error', 'dead-feed', 'one-segment'] as const)('%s spoils the record, not the outcome', (scenario) => {
    expect(drifted(scenario).map((a) => a.defaulted)).toEqual(many.map((a) => a.defaulted))
  })

  it('changed-risk moves outcomes alone', () => {
    const stream = drifted('changed-risk')
    expect(stream.map((a) => a.features)).toEqual(many.map((a) => a.features))
    expect(mean(stream.map((a) => a.defaulted))).toBeGreaterThan(mean(many.map((a) => a.defaulted)) + 0.03)
  })

  it('one-segment leaves every channel but brokers alone', () => {
    const others = (stream: readonly Application[]) => stream.filter((a) => a.channel !== 'broker')
    expect(others(drifted('one-segment'))).toEqual(others(many))
  })

  it('gradual ends where covariate-shift begins', () => {
    const late = { seed: 1, count: 11_000, driftStart: 0 }
    const end = (scenario: DriftScenarioName) => [...simulateApplications({ ...late, scenario })].slice(10_000)
    expect(end('gradual')).toEqual(end('covariate-shift'))
  })

  it('an unknown name is answered with the known ones', () => {
    const run = () => [...simulateApplications({ seed: 1, count: 1, scenario: 'flood' as DriftScenarioName })]
    expect(run).toThrow(/no drift scenario "flood".*dead-feed/)
  })
})

describe('true effects', () => {
  it('rank debt first, use of credit and late payments near it, and give running credits no effect', () => {
    const importance = trueImportance(many.map((a) => a.features))
    const ranked = [...importance].sort((a, b) => b[1] - a[1]).map(([name]) => name)
    expect(ranked[0]).toBe('debt_ratio')
    expect(ranked.slice(0, 5)).toEqual(expect.arrayContaining(['utilisation', 'late_payments_12m']))
    expect(importance.get('open_credits')).toBe(0)
  })
})

function within(low: number, high: number): (value: number) => boolean {
  return (value) => value >= low && value <= high
}

function known(applications: readonly Application[], name: FeatureName): number[] {
  return applications.map((a) => a.features[name]).filter((value) => value !== null)
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
