/** What the models see, in the order of their input columns. Money in euros, ratios in percent. */
export const featureNames = [
  'age',
  'monthly_income',
  'stable_income',
  'employment_years',
  'home_owner',
  'dependants',
  'savings',
  'customer_years',
  'overdraft_days_12m',
  'debt_ratio',
  'open_credits',
  'credit_history_years',
  'late_payments_12m',
  'months_since_late',
  'utilisation',
  'inquiries_6m',
  'amount',
  'term_months',
  'purpose_car',
  'purpose_home',
  'purpose_consolidation',
  'purpose_studies',
  'purpose_other',
] as const

export type FeatureName = (typeof featureNames)[number]

/** `null`: not known to the lender. */
export type Features = Readonly<Record<FeatureName, number | null>>

export const channels = ['branch', 'online', 'broker'] as const

/** Where the application came in. The models do not see it. */
export type Channel = (typeof channels)[number]

export interface Applicant {
  readonly channel: Channel
  readonly features: Features
}

export interface Application extends Applicant {
  /** What happens after twenty-four months if the loan is granted: 1 is default. */
  readonly defaulted: 0 | 1
}
