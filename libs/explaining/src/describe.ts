import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Bundle } from '@raison/bundle'
import type { Contribution, DecisionExplanation, ExplanationReason, FeatureValue } from '@raison/events'
import { prepareReasons, type Catalogue, type Reason } from '@raison/reason-codes'
import { ExplainError } from './explain-error.ts'
import type { DecisionAt } from './explain-decision.ts'
import type { Policy } from './policy.ts'
import { isAdverse, type Reference } from './select-reference.ts'

/** The numbers of one decision: `baseValue + Σ contributions = output`. */
export interface Attribution {
  /** The model's input, one float32 per feature. */
  readonly row: Float32Array
  /** The score of the bundle's model. */
  readonly score: number
  readonly output: number
  readonly baseValue: number
  /** One per player. */
  readonly contributions: Float64Array
  readonly method: string
  /** No feature contributes: there is nothing to attribute. */
  readonly constant: boolean
  /** Undefined when the contributions are exact. */
  readonly sampled: SampledAttribution | undefined
}

export interface SampledAttribution {
  /** Half width of the 95 % interval of what these players contribute together; undefined where every coalition was asked. */
  readonly halfWidth: ((players: readonly number[]) => number) | undefined
  readonly budget: { readonly rows: number; readonly seed: string }
  readonly artefactSha256: string | undefined
  readonly fidelity: number | undefined
  /** Whether the set of the principal reasons is beyond the error of sampling. */
  readonly settled: boolean
}

const softwareVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** The whole explanation of one decision, a function of its arguments alone. Throws ExplainError MODEL_OUTPUT_NOT_FINITE. */
export type Describe = (at: DecisionAt, attribution: Attribution) => DecisionExplanation

/** What `describe` says of every decision of one bundle is made once. */
export function prepareDescribe(bundle: Bundle, reference: Reference, policy: Policy): Describe {
  const catalogue = catalogueOf(bundle)
  const { adverse } = bundle.decision
  const selectReasons = prepareReasons(catalogue, reference.means, { most: policy.mostReasons, adverse })
  const review = prepareReview(bundle, policy)
  const describeContributions = prepareContributions(catalogue)
  const { name, version, sha256 } = bundle.model
  const versions = [bundle.sha256, reference.sha256, policy.version, softwareVersion].map(quote).join()
  const model = { name, version, sha256 }
  const referenceRows = { population: reference.population, sha256: reference.sha256, rows: reference.rowCount }

  return (at, attribution) => {
    const { decision } = at
    const { row, output, baseValue, contributions, constant, sampled } = attribution
    const gap = additivityGap(attribution)
    if (!Number.isFinite(gap) || !Number.isFinite(attribution.score)) throw notFinite(bundle, attribution)
    const score = decision.score ?? attribution.score
    const parityGap = decision.score === undefined ? undefined : Math.abs(decision.score - attribution.score)
    const reasons = constant ? [] : selectReasons(contributions, row)
    const reviewReasons = review(reasons, parityGap, sampled?.settled ?? true)
    return {
      explanationId: identity(
        at,
        sampled?.artefactSha256 === undefined ? versions : `${versions},${quote(sampled.artefactSha256)}`,
      ),
      eventId: decision.eventId,
      decisionId: decision.decisionId,
      decidedAt: decision.decidedAt,
      explainedAt: at.timestamp,
      status: constant ? 'NOT_APPLICABLE' : reviewReasons.length > 0 ? 'REVIEW_REQUIRED' : 'OK',
      reviewReasons,
      outcome: decision.outcome || (isAdverse(score, bundle.decision) ? 'DECLINED' : 'APPROVED'),
      score,
      space: bundle.model.explain,
      cutoff: bundle.decision.cutoff,
      adverse,
      model,
      reference: referenceRows,
      catalogueVersion: bundle.catalogue.version,
      policyVersion: policy.version,
      method: attribution.method,
      budget: sampled?.budget ?? noBudget,
      inputHash: hash('sha256', new Uint8Array(row.buffer, row.byteOffset, row.byteLength), 'hex'),
      artefactSha256: sampled?.artefactSha256,
      softwareVersion,
      baseValue,
      modelOutput: output,
      contributions: describeContributions(attribution, decision.features),
      contributionsCut: false,
      quality: {
        additivityGap: gap,
        scoreParityGap: parityGap,
        surrogateFidelity: sampled?.fidelity,
        topSettled: sampled?.settled ?? true,
        degraded: sampled?.halfWidth !== undefined && sampled.artefactSha256 === undefined,
      },
      reasons: reasons.map((reason) => toEvent(reason, sampled, decision.features)),
    }
  }
}

const noBudget = { rows: 0, seed: '' }

function catalogueOf(bundle: Bundle): Catalogue {
  const players = bundle.players.map(({ name, features }) => ({
    name,
    features: features.map((i) => bundle.features[i]!),
    columns: features,
  }))
  return { reasons: bundle.catalogue.entries, players }
}

type Values = Readonly<Record<string, FeatureValue>>

function prepareContributions({ players }: Catalogue): (attribution: Attribution, values: Values) => Contribution[] {
  return ({ contributions, sampled }, values) =>
    players.map(({ name, features }, player) => ({
      feature: name,
      value: features.length === 1 ? (values[features[0]!.name] ?? null) : pick(values, features),
      contribution: contributions[player]!,
      interval: intervalOf(contributions[player]!, [player], sampled),
    }))
}

function intervalOf(
  contribution: number,
  players: readonly number[],
  sampled: SampledAttribution | undefined,
): Contribution['interval'] {
  if (sampled?.halfWidth === undefined) return undefined
  const halfWidth = sampled.halfWidth(players)
  return { low: contribution - halfWidth, high: contribution + halfWidth }
}

function pick(values: Values, features: readonly { readonly name: string }[]): Record<string, FeatureValue> {
  const picked = Object.create(null) as Record<string, FeatureValue> // a feature may be called `__proto__`
  for (const { name } of features) picked[name] = values[name] ?? null
  return picked
}

/**
 * Never dropped silently: a protected feature among the reasons, a score that is not this model's, or reasons that another
 * sample might have chosen otherwise call a person.
 */
function prepareReview(
  { features }: Bundle,
  { scoreParityTolerance }: Policy,
): (reasons: readonly Reason[], parityGap: number | undefined, settled: boolean) => string[] {
  const protectedNames = new Set(features.filter((feature) => feature.protected).map(({ name }) => name))
  return (reasons, parityGap, settled) => {
    const review: string[] = []
    for (const reason of reasons)
      for (const name of reason.features) if (protectedNames.has(name)) review.push(`PROTECTED_FEATURE ${name}`)
    if (parityGap !== undefined && !(parityGap <= scoreParityTolerance)) review.push('SCORE_PARITY')
    if (!settled) review.push('REASONS_NOT_SETTLED')
    return review
  }
}

/** Equal for the same record under the same versions (in quotes, separated by commas), different otherwise. */
function identity({ decision, position }: DecisionAt, versions: string): string {
  return hash('sha256', `[${quote(position)},${quote(decision.eventId)},${versions}]`, 'hex').slice(0, 32)
}

/** As JSON has it, so that no text can be taken for two. */
function quote(text: string): string {
  return JSON.stringify(text)
}

function additivityGap({ contributions, baseValue, output }: Attribution): number {
  let sum = baseValue
  for (let player = 0; player < contributions.length; player++) sum += contributions[player]!
  return Math.abs(sum - output)
}

function toEvent(reason: Reason, sampled: SampledAttribution | undefined, values: Values): ExplanationReason {
  const { code, rank, direction, contribution, share, features, referenceValue, texts, actionable, tieBroken } = reason
  const single = features.length === 1 ? features[0]! : undefined
  return {
    code,
    rank,
    direction,
    contribution,
    interval: intervalOf(contribution, reason.players, sampled),
    share,
    features,
    value: single === undefined ? null : (values[single] ?? null),
    referenceValue: referenceValue ?? null,
    texts,
    actionable,
    tieBroken,
  }
}

function notFinite({ model }: Bundle, { score, output }: Attribution): ExplainError {
  const answered = [score, output].find((value) => !Number.isFinite(value))
  const where =
    answered === undefined
      ? 'no finite number for some row between this decision and the reference'
      : `${answered} for this decision`
  return new ExplainError(
    'MODEL_OUTPUT_NOT_FINITE',
    `${model.name} ${model.version} answers ${where}: there is nothing to explain`,
  )
}
