import type { Random } from '@raison/numerics'
import type { Applicant, Channel } from './application.ts'
import { choose, clamp, happens, logistic, poisson, roundTo } from './chance.ts'
import { drawLoan } from './draw-loan.ts'

/**
 * One applicant for a consumer loan in France. Two traits that no lender sees, prudence and means, tie the features
 * together: prudent people are seldom late and seldom overdrawn, people of means own their homes and borrow more.
 */
export function drawApplicant(random: Random): Applicant {
  const channel = choose<Channel>(random, { branch: 45, online: 40, broker: 15 })
  const traits = drawTraits(random)
  const person = drawPerson(random, traits)
  const account = drawAccount(random, person, traits, channel)
  const credit = drawCredit(random, person, traits)
  const loan = drawLoan(random, person, credit.open_credits, traits)
  return { channel, features: { ...person, ...account, ...credit, ...loan } }
}

/** Standardised: 0 is the median household. */
export interface Traits {
  readonly prudence: number
  readonly means: number
}

function drawTraits(random: Random): Traits {
  const prudence = random.normal()
  return { prudence, means: 0.25 * prudence + 0.97 * random.normal() }
}

export interface Person {
  readonly age: number
  readonly monthly_income: number
  readonly stable_income: 0 | 1
  readonly employment_years: number | null
  readonly home_owner: 0 | 1
  readonly dependants: number
}

function drawPerson(random: Random, { means }: Traits): Person {
  const age = clamp(Math.round(18 + Math.exp(3 + 0.55 * random.normal())), 18, 82)
  const retired = age >= 62 && happens(random, age >= 67 ? 0.95 : 0.5)
  const employed = !retired && happens(random, logistic(2.6 + 0.5 * means))
  const stable = retired || (employed && happens(random, logistic(0.2 + 0.055 * (age - 25) + 0.5 * means)))
  const career = Math.exp(1.2 + 0.02 * (age - 30) + 0.8 * random.normal())
  return {
    age,
    monthly_income: drawIncome(random, { age, means, employed: employed || retired, stable }),
    stable_income: stable ? 1 : 0,
    employment_years: employed
      ? roundTo(clamp(career * (stable ? 1.3 : 0.45), 0.1, Math.min(45, age - 17)), 0.1)
      : null,
    home_owner: happens(random, logistic(-1.9 + 0.05 * (age - 25) + 0.8 * means)) ? 1 : 0,
    dependants: Math.min(5, poisson(random, age < 24 || age > 60 ? 0.15 : 0.95)),
  }
}

interface Livelihood {
  readonly age: number
  readonly means: number
  readonly employed: boolean
  readonly stable: boolean
}

function drawIncome(random: Random, { age, means, employed, stable }: Livelihood): number {
  const career = 0.013 * (Math.min(age, 55) - 38)
  const standing = (employed ? 0 : -0.6) + (stable ? 0.08 : -0.15)
  const income = Math.exp(7.62 + career + standing + 0.3 * means + 0.17 * random.normal())
  return clamp(roundTo(income, 10), 560, 15_000)
}

/** What the bank sees of its own customers. A stranger's overdrafts are unknown, and savings are seldom told when small. */
function drawAccount(random: Random, person: Person, { prudence, means }: Traits, channel: Channel) {
  const stranger = happens(random, { branch: 0.12, online: 0.4, broker: 0.85 }[channel])
  const customerYears = clamp(Math.exp(1.7 + 0.8 * random.normal()), 0.1, person.age - 15)
  const overdraftDays = poisson(random, clamp(Math.exp(0.9 - 0.8 * prudence - 0.4 * means), 0, 18))
  const months = Math.exp(0.4 + 0.9 * means + 0.4 * prudence + 0.02 * (person.age - 40) + 0.9 * random.normal())
  const savings = roundTo(clamp(months * person.monthly_income, 0, 400_000), 100)
  const untold = happens(random, (stranger ? 0.2 : 0.04) + (savings < 1000 ? 0.15 : 0))
  return {
    savings: untold ? null : savings,
    customer_years: stranger ? 0 : roundTo(customerYears, 0.1),
    overdraft_days_12m: stranger ? null : Math.min(overdraftDays * (1 + random.below(4)), 60),
  }
}

/** The record of earlier credit. Young people may have none, and without a revolving line nothing can be used up. */
function drawCredit(random: Random, { age, home_owner }: Person, { prudence, means }: Traits) {
  const late = Math.min(12, poisson(random, clamp(Math.exp(-1.5 - 1.05 * prudence), 0, 8)))
  const longAgo = happens(random, logistic(-1.1 - 0.6 * prudence)) ? 13 + random.below(60) : null
  const thin = happens(random, logistic(-0.5 - 0.1 * (age - 18)))
  const revolving = happens(random, 0.8)
  const used = 100 * logistic(-0.5 - 0.85 * prudence - 0.35 * means + 0.9 * random.normal())
  return {
    open_credits: Math.min(14, poisson(random, 1.6 + 0.9 * home_owner)),
    credit_history_years: thin ? null : roundTo(clamp((age - 19) * (0.25 + 0.7 * random.uniform()), 0.2, 45), 0.1),
    late_payments_12m: late,
    months_since_late: late > 0 ? 1 + random.below(Math.max(2, 12 - 2 * late)) : longAgo,
    utilisation: revolving ? roundTo(used, 0.1) : null,
    inquiries_6m: Math.min(9, poisson(random, Math.exp(-0.35 - 0.35 * prudence))),
  }
}
