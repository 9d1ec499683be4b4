import type { Random } from '@raison/numerics'
import type { Applicant, Features } from './application.ts'
import { clamp, happens, roundTo } from './chance.ts'

export const driftScenarioNames = [
  'covariate-shift',
  'gradual',
  'seasonal',
  'new-policy',
  'unit-error',
  'dead-feed',
  'one-segment',
  'changed-risk',
] as const

export type DriftScenarioName = (typeof driftScenarioNames)[number]

/** What a scenario may look at: applications since it began, its own chance, and the applicant as drawn. */
export interface DriftMoment extends Applicant {
  readonly since: number
  readonly random: Random
}

/**
 * A change of the stream from one application on. `applicants` changes who applies, before the outcome is drawn;
 * `outcome` shifts the log-odds of default; `feed` changes only what is recorded, so the outcome still follows the truth.
 */
export interface DriftScenario {
  readonly name: DriftScenarioName
  readonly description: string
  applicants?(moment: DriftMoment): Features
  outcome?(moment: DriftMoment): number
  feed?(moment: DriftMoment): Features
}

const seasonLength = 4000
const gradualLength = 10_000

export const driftScenarios: readonly DriftScenario[] = [
  {
    name: 'covariate-shift',
    description: 'A downturn: incomes fall by 12 %, savings by 30 %, debts weigh more, cards fill up',
    applicants: ({ features }) => strain(features, 1),
  },
  {
    name: 'gradual',
    description: `The same downturn, creeping in over ${gradualLength} applications`,
    applicants: ({ features, since }) => strain(features, Math.min(1, since / gradualLength)),
  },
  {
    name: 'seasonal',
    description: `Twice in ${seasonLength} applications the holidays: smaller, shorter loans for other purposes`,
    applicants: ({ features, since, random }) =>
      holiday(features, random, Math.sin((4 * Math.PI * since) / seasonLength)),
  },
  {
    name: 'new-policy',
    description:
      'The bank raises its limits and opens to beginners: larger, longer loans, a third without credit history',
    applicants: ({ features, random }) => widen(features, happens(random, 1 / 3)),
  },
  {
    name: 'unit-error',
    description: 'Yearly income arrives in the field of monthly income',
    feed: ({ features }) => ({ ...features, monthly_income: scaled(features.monthly_income, 12, 10) }),
  },
  {
    name: 'dead-feed',
    description: 'The credit bureau stops answering: its five fields are missing',
    feed: ({ features }) => ({
      ...features,
      late_payments_12m: null,
      months_since_late: null,
      utilisation: null,
      inquiries_6m: null,
      credit_history_years: null,
    }),
  },
  {
    name: 'one-segment',
    description:
      'Brokers begin to report incomes a quarter higher and debts a quarter lower; other channels do not change',
    feed: ({ features, channel }) => (channel === 'broker' ? flatter(features) : features),
  },
  {
    name: 'changed-risk',
    description: 'The same applicants default more often: outcomes drift, features and explanations do not',
    outcome: () => 0.6,
  },
]

export function getDriftScenario(name: DriftScenarioName): DriftScenario {
  const scenario = driftScenarios.find((candidate) => candidate.name === name)
  if (scenario === undefined)
    throw new RangeError(`no drift scenario "${name}": choose one of ${driftScenarioNames.join(', ')}`)
  return scenario
}

/** Household budgets under strain, `weight` from 0 (none) to 1. */
function strain(features: Features, weight: number): Features {
  return {
    ...features,
    monthly_income: scaled(features.monthly_income, 1 - 0.12 * weight, 10),
    savings: scaled(features.savings, 1 - 0.3 * weight, 100),
    debt_ratio: Math.min(95, scaled(features.debt_ratio, 1 + 0.14 * weight, 0.1)!),
    utilisation:
      features.utilisation === null
        ? null
        : roundTo(features.utilisation + weight * 0.25 * (100 - features.utilisation), 0.1),
  }
}

function holiday(features: Features, random: Random, season: number): Features {
  const changes = happens(random, 0.5 * Math.max(0, season))
  if (!changes) return features
  const factor = happens(random, 0.5) ? 0.5 : 0.35
  return {
    ...features,
    amount: Math.max(1000, scaled(features.amount, factor, 100)!),
    term_months: clamp(scaled(features.term_months, factor, 6)!, 6, 84),
    purpose_car: 0,
    purpose_home: 0,
    purpose_consolidation: 0,
    purpose_studies: 0,
    purpose_other: 1,
  }
}

function widen(features: Features, beginner: boolean): Features {
  return {
    ...features,
    amount: Math.min(75_000, scaled(features.amount, 1.4, 100)!),
    term_months: Math.min(84, scaled(features.term_months, 1.3, 6)!),
    credit_history_years: beginner ? null : features.credit_history_years,
  }
}

function flatter(features: Features): Features {
  return {
    ...features,
    monthly_income: scaled(features.monthly_income, 1.25, 10),
    debt_ratio: scaled(features.debt_ratio, 0.75, 0.1),
  }
}

function scaled(value: number | null, factor: number, step: number): number | null {
  return value === null ? null : roundTo(value * factor, step)
}
