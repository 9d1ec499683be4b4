import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Contribution, DecisionExplanation, ExplanationReason, FeatureValue } from '@raison/events'
import { selectReasons, type FeatureDisplay, type PlayerContribution, type Reason } from '@raison/reason-codes'
import { ExplainError } from './explain-error.ts'
import type { DecisionAt } from './explain-decision.ts'
import type { OpenedBundle } from './open-bundle.ts'
import type { Policy } from './policy.ts'
import { isAdverse } from './select-reference.ts'

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
  readonly constant: boolean
}

const softwareVersion = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** The whole explanation of one decision, a function of its arguments alone. Throws ExplainError MODEL_OUTPUT_NOT_FINITE. */
export function describe(
  at: DecisionAt,
  opened: OpenedBundle,
  attribution: Attribution,
  policy: Policy,
): DecisionExplanation {
  const { decision } = at
  const { bundle, reference } = opened
  const { row, output, baseValue, contributions } = attribution
  if (!Number.isFinite(output) || !Number.isFinite(attribution.score))
    throw new ExplainError(
      'MODEL_OUTPUT_NOT_FINITE',
      `${bundle.model.name} ${bundle.model.version} answers ${attribution.score} for this decision: there is nothing to explain`,
    )

  const score = decision.score ?? attribution.score
  const parityGap = decision.score === undefined ? undefined : Math.abs(decision.score - attribution.score)
  const reasons = attribution.constant
    ? []
    : selectReasons(playerContributions(opened, attribution), opened.catalogue, {
        most: policy.mostReasons,
        adverse: bundle.decision.adverse,
      })
  const reviewReasons = reviewOf(opened, reasons, parityGap, policy)
  return {
    explanationId: identity(at, opened, policy),
    eventId: decision.eventId,
    decisionId: decision.decisionId,
    decidedAt: decision.decidedAt,
    explainedAt: at.timestamp,
    status: attribution.constant ? 'NOT_APPLICABLE' : reviewReasons.length > 0 ? 'REVIEW_REQUIRED' : 'OK',
    reviewReasons,
    outcome: decision.outcome || (isAdverse(score, bundle.decision) ? 'DECLINED' : 'APPROVED'),
    score,
    space: bundle.model.explain,
    cutoff: bundle.decision.cutoff,
    adverse: bundle.decision.adverse,
    model: { name: bundle.model.name, version: bundle.model.version, sha256: bundle.model.sha256 },
    reference: { population: reference.population, sha256: reference.sha256, rows: reference.rowCount },
    catalogueVersion: bundle.catalogue.version,
    policyVersion: policy.version,
    method: attribution.method,
    budget: { rows: 0, seed: '' },
    inputHash: hash('sha256', new Uint8Array(row.buffer, row.byteOffset, row.byteLength), 'hex'),
    artefactSha256: undefined,
    softwareVersion,
    baseValue,
    modelOutput: output,
    contributions: opened.catalogue.players.map((player, index) => ({
      feature: player.name,
      value: playerValue(player.features, bundle.players[index]!.features, decision.features),
      contribution: contributions[index]!,
      interval: undefined,
    })),
    contributionsCut: false,
    quality: {
      additivityGap: Math.abs(contributions.reduce((sum, phi) => sum + phi, baseValue) - output),
      scoreParityGap: parityGap,
      surrogateFidelity: undefined,
      topSettled: true,
      degraded: false,
    },
    reasons: reasons.map((reason) => toEvent(reason, decision.features)),
  }
}

function playerContributions(
  { bundle, reference }: OpenedBundle,
  { row, contributions }: Attribution,
): PlayerContribution[] {
  return bundle.players.map(({ features }, player) => ({
    contribution: contributions[player]!,
    values: features.map((i) => row[i]!),
    referenceValues: features.map((i) => reference.means[i]!),
  }))
}

/** Never dropped silently: a protected feature among the reasons, or a score that is not this model's, calls a person. */
function reviewOf(
  { bundle }: OpenedBundle,
  reasons: readonly Reason[],
  parityGap: number | undefined,
  policy: Policy,
): string[] {
  const protectedNames = new Set(bundle.features.filter((feature) => feature.protected).map((feature) => feature.name))
  const found = reasons.flatMap(({ features }) => features).filter((name) => protectedNames.has(name))
  const review = [...new Set(found)].map((name) => `PROTECTED_FEATURE ${name}`)
  if (parityGap !== undefined && !(parityGap <= policy.scoreParityTolerance)) review.push('SCORE_PARITY')
  return review
}

/** Equal for the same record under the same versions, different otherwise. */
function identity({ decision, position }: DecisionAt, { bundle, reference }: OpenedBundle, policy: Policy): string {
  const parts = [position, decision.eventId, bundle.sha256, reference.sha256, policy.version, softwareVersion]
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32)
}

function playerValue(
  displays: readonly FeatureDisplay[],
  features: readonly number[],
  values: Readonly<Record<string, FeatureValue>>,
): Contribution['value'] {
  if (features.length === 1) return values[displays[0]!.name] ?? null
  return Object.fromEntries(displays.map(({ name }) => [name, values[name] ?? null]))
}

function toEvent(reason: Reason, values: Readonly<Record<string, FeatureValue>>): ExplanationReason {
  const single = reason.features.length === 1 ? reason.features[0]! : undefined
  return {
    code: reason.code,
    rank: reason.rank,
    direction: reason.direction,
    contribution: reason.contribution,
    interval: undefined,
    share: reason.share,
    features: reason.features,
    value: single === undefined ? null : (values[single] ?? null),
    referenceValue: single === undefined || Number.isNaN(reason.referenceValue[0]!) ? null : reason.referenceValue[0]!,
    texts: reason.texts,
    actionable: reason.actionable,
    tieBroken: reason.tieBroken,
  }
}
