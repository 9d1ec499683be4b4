import type { Application, FeatureName, Features } from './application.ts'

/** A bundle and its model, as far as a scoring service looks at them. */
export interface ScoringModel {
  readonly bundle: {
    readonly model: { readonly name: string; readonly version: string }
    readonly features: readonly { readonly name: string }[]
    readonly decision: { readonly adverse: 'high' | 'low'; readonly cutoff: number }
  }
  /** Of `count` rows in the order of the bundle's features. */
  readonly model: { score(rows: Float32Array, count: number): Promise<Float64Array> }
}

export interface LoanDecision {
  readonly eventId: string
  readonly decisionId: string
  readonly decidedAt: string
  readonly model: { readonly name: string; readonly version: string }
  readonly features: Features
  readonly score: number
  readonly outcome: 'APPROVED' | 'DECLINED'
}

/** The decisions on these applications as the bank's scoring service publishes them; `first` numbers the first of them. */
export async function scoreApplications(
  { bundle, model }: ScoringModel,
  applications: readonly Application[],
  { first, decidedAt }: { readonly first: number; readonly decidedAt: string },
): Promise<LoanDecision[]> {
  const { adverse, cutoff } = bundle.decision
  const { name, version } = bundle.model
  const names = bundle.features.map((feature) => feature.name as FeatureName)
  const rows = applications.flatMap(({ features }) => names.map((feature) => features[feature] ?? Number.NaN))
  const scores = await model.score(Float32Array.from(rows), applications.length)
  return applications.map(({ features }, k) => {
    const score = scores[k]!
    const outcome = (adverse === 'high' ? score >= cutoff : score <= cutoff) ? 'DECLINED' : 'APPROVED'
    const decisionId = `LOAN-${String(first + k).padStart(6, '0')}`
    return { eventId: `${decisionId}-1`, decisionId, decidedAt, model: { name, version }, features, score, outcome }
  })
}
