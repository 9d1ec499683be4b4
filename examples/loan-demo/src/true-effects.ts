import type { FeatureName, Features } from './application.ts'

/** One term of the true log-odds of default; two features make an interaction. */
export interface Effect {
  readonly features: readonly FeatureName[]
  logOdds(applicant: Features): number
}

export const trueBaseLogOdds = -2.4

/**
 * Why people default here: the sum of these terms, and nothing else, is the log-odds. What the lender does not know
 * (`null`) has an effect of its own. Exported so that what a model says can be held against what is true.
 */
export const trueEffects: readonly Effect[] = [
  effect('late_payments_12m', (count) => 0.42 * Math.min(count, 5) ** 0.85, 0.2),
  effect('utilisation', (percent) => 1.3 * (percent / 100) ** 2 - 0.35, 0.1),
  effect('debt_ratio', (percent) => 0.04 * (Math.min(60, Math.max(18, percent)) - 30)),
  effect('monthly_income', (euros) => -0.45 * Math.log2(euros / 2000)),
  effect('employment_years', (years) => 0.4 - 0.27 * Math.log1p(years), 0.35),
  effect('stable_income', (stable) => (stable === 1 ? -0.2 : 0.4)),
  effect('credit_history_years', (years) => 0.55 - 0.27 * Math.log1p(years), 0.45),
  effect('savings', (euros) => 0.25 - 0.26 * Math.log10(1 + euros / 500), 0.25),
  effect('overdraft_days_12m', (days) => 0.022 * Math.min(days, 40) - 0.15, 0.1),
  effect('inquiries_6m', (count) => 0.2 * Math.min(count, 5) - 0.15),
  effect('amount', (euros) => 0.3 * Math.log2(euros / 8000)),
  effect('term_months', (months) => 0.011 * (months - 36)),
  effect('months_since_late', (months) => 0.6 * Math.exp(-months / 24), 0),
  effect('age', (years) => 0.75 * Math.exp((18 - years) / 9) - 0.1),
  effect('home_owner', (owner) => (owner === 1 ? -0.22 : 0.12)),
  effect('customer_years', (years) => -0.045 * Math.min(years, 10)),
  effect('dependants', (count) => 0.07 * count),
  effect('purpose_home', (chosen) => -0.25 * chosen),
  effect('purpose_consolidation', (chosen) => 0.5 * chosen),
  effect('purpose_studies', (chosen) => 0.15 * chosen),
  // Debt weighs more on an income that may stop.
  interaction('debt_ratio', 'stable_income', (percent, stable) =>
    stable === 1 ? 0 : 0.05 * Math.max(0, percent - 25),
  ),
  // A nearly exhausted line is a warning above all in those who already pay late.
  interaction('utilisation', 'late_payments_12m', (percent, late) => (late > 0 && percent > 50 ? 0.9 : 0)),
  // Consolidating helps whoever has revolving debt to replace.
  interaction('purpose_consolidation', 'utilisation', (chosen, percent) => (chosen === 1 && percent > 60 ? -0.9 : 0)),
]

export function trueLogOdds(applicant: Features): number {
  return trueEffects.reduce((sum, { logOdds }) => sum + logOdds(applicant), trueBaseLogOdds)
}

function effect(name: FeatureName, logOdds: (value: number) => number, whenMissing = 0): Effect {
  return { features: [name], logOdds: ({ [name]: value }) => (value === null ? whenMissing : logOdds(value)) }
}

function interaction(one: FeatureName, other: FeatureName, logOdds: (one: number, other: number) => number): Effect {
  return {
    features: [one, other],
    logOdds: ({ [one]: a, [other]: b }) => (a === null || b === null ? 0 : logOdds(a, b)),
  }
}
