import type { Random } from '@raison/numerics'
import type { Features } from './application.ts'
import { choose, clamp, happens, roundTo } from './chance.ts'
import type { Person, Traits } from './draw-applicant.ts'

type LoanFeatures = Pick<
  Features,
  | 'amount'
  | 'term_months'
  | 'debt_ratio'
  | 'purpose_car'
  | 'purpose_home'
  | 'purpose_consolidation'
  | 'purpose_studies'
  | 'purpose_other'
>

const annualRate = 0.062

/** The loan asked for, and what it makes of the household's debt: every instalment, the new one too, over income. */
export function drawLoan(random: Random, person: Person, openCredits: number, traits: Traits): LoanFeatures {
  const purpose = drawPurpose(random, person, openCredits)
  const typical = { car: 11_000, home: 12_500, consolidation: 14_000, studies: 6_500, other: 4_500 }[purpose]
  const wish = typical * Math.exp(0.25 * traits.means + 0.55 * random.normal())
  // The law on consumer credit stops at 75,000 euros.
  const amount = clamp(roundTo(wish, 100), 1000, 75_000)
  const term = clamp(roundTo(12 + amount / 330 + 9 * random.normal() - 3 * traits.prudence, 6), 6, 84)
  const debts = runningInstalments(random, person, openCredits, traits) + instalment(amount, term)
  return {
    amount,
    term_months: term,
    debt_ratio: Math.min(95, roundTo((100 * debts) / person.monthly_income, 0.1)),
    purpose_car: Number(purpose === 'car'),
    purpose_home: Number(purpose === 'home'),
    purpose_consolidation: Number(purpose === 'consolidation'),
    purpose_studies: Number(purpose === 'studies'),
    purpose_other: Number(purpose === 'other'),
  }
}

type Purpose = 'car' | 'home' | 'consolidation' | 'studies' | 'other'

function drawPurpose(random: Random, { age, home_owner }: Person, openCredits: number): Purpose {
  return choose<Purpose>(random, {
    car: 34,
    home: home_owner === 1 ? 34 : 8,
    consolidation: 3 + 4 * openCredits,
    studies: age < 27 ? 22 : 2,
    other: 22,
  })
}

/** Of a loan repaid in equal monthly parts. */
function instalment(amount: number, months: number): number {
  const rate = annualRate / 12
  return (amount * rate) / (1 - (1 + rate) ** -months)
}

function runningInstalments(random: Random, person: Person, openCredits: number, { means }: Traits): number {
  const mortgaged = person.home_owner === 1 && happens(random, person.age < 58 ? 0.6 : 0.12)
  const mortgage = mortgaged ? person.monthly_income * (0.1 + 0.14 * random.uniform()) : 0
  return mortgage + openCredits * 55 * Math.exp(0.3 * means + 0.4 * random.normal())
}
