import { ReasonError } from './errors.ts'
import { renderText } from './render-text.ts'
import type { Catalogue, CatalogueReason, PlayerContribution, Reason, ReasonPolicy, SelectReasons } from './reasons.ts'

/** Reg B, comment 9(b)(2): more than four reasons are "not likely to be helpful to the applicant". */
const legalMost = 4

/**
 * Contributions closer than this share of the decision's largest one are equal, and smaller ones are nothing. Summing
 * 10⁴ leaves in float64 errs by about 10⁻¹² of that largest value; a difference anybody could act on starts far above 10⁻⁹.
 */
const rounding = 1e-9

/** A catalogue reason weighed for one decision. */
interface Factor {
  readonly reason: CatalogueReason
  readonly order: number
  readonly contribution: number
  /** The same, positive when it hurts the applicant. */
  readonly adverse: number
  readonly direction: Reason['direction']
}

/**
 * The principal reasons of one decision, most adverse first: at most `policy.most` and never more than four, only
 * factors that hurt, each player in at most one of them. Equal weights follow the catalogue's order and are marked.
 * `contributions` are in the order of `catalogue.players`. Throws ReasonError when one is not a finite
 * number, or when there is not one for each player.
 */
export const selectReasons: SelectReasons = (contributions, catalogue, policy) => {
  checkContributions(contributions, catalogue)
  const tolerance =
    rounding * contributions.reduce((most, { contribution }) => Math.max(most, Math.abs(contribution)), 0)

  const factors = catalogue.reasons
    .map((reason, order) => weigh(reason, order, contributions, policy))
    .filter((factor) => factor.adverse > tolerance && applies(factor))
  const principal = withoutOverlap(mostAdverseFirst(factors, tolerance))

  const total = totalAdverse(contributions, policy)
  const languages = new Set(catalogue.reasons.flatMap(({ texts }) => Object.keys(texts)))
  const most = Math.max(0, Math.min(policy.most, legalMost))
  return principal.slice(0, most).map((factor, index) => ({
    ...describe(factor, contributions, catalogue, languages),
    rank: index + 1,
    share: Math.min(1, factor.adverse / total),
    tieBroken: [principal[index - 1], principal[index + 1]].some(
      (other) => other !== undefined && Math.abs(other.adverse - factor.adverse) <= tolerance,
    ),
  }))
}

function checkContributions(contributions: readonly PlayerContribution[], { players }: Catalogue): void {
  if (contributions.length !== players.length)
    throw new ReasonError(
      'CONTRIBUTION_COUNT',
      `${contributions.length} contributions for ${players.length} players: give one per player, in the catalogue's order`,
    )
  const broken = contributions.findIndex(({ contribution }) => !Number.isFinite(contribution))
  if (broken >= 0)
    throw new ReasonError(
      'CONTRIBUTION_NOT_FINITE',
      `the contribution of ${players[broken]!.name} is ${contributions[broken]!.contribution}: ` +
        `the explanation failed before it reached the reasons; check the model on this decision's values`,
    )
}

function weigh(
  reason: CatalogueReason,
  order: number,
  contributions: readonly PlayerContribution[],
  { adverse }: ReasonPolicy,
): Factor {
  const contribution = reason.players.reduce((sum, player) => sum + contributions[player]!.contribution, 0)
  return {
    reason,
    order,
    contribution,
    adverse: adverse === 'high' ? contribution : -contribution,
    direction: directionOf(reason.players.map((player) => contributions[player]!)),
  }
}

/** Only a single value has a side; a group, a missing value and the mean itself have none. */
function directionOf(parts: readonly PlayerContribution[]): Reason['direction'] {
  const [part, ...others] = parts
  if (part === undefined || others.length > 0 || part.values.length !== 1) return 'none'
  const difference = part.values[0]! - part.referenceValues[0]!
  return difference > 0 ? 'above' : difference < 0 ? 'below' : 'none'
}

function applies({ reason, direction }: Factor): boolean {
  return reason.direction === undefined || reason.direction === direction
}

/** By weight; a run of factors each equal to the one before it is put in the catalogue's order. */
function mostAdverseFirst(factors: readonly Factor[], tolerance: number): Factor[] {
  const byWeight = factors.toSorted((a, b) => b.adverse - a.adverse)
  const runs: Factor[][] = []
  byWeight.forEach((factor, i) => {
    if (i > 0 && byWeight[i - 1]!.adverse - factor.adverse <= tolerance) runs.at(-1)!.push(factor)
    else runs.push([factor])
  })
  return runs.flatMap((run) => run.toSorted((a, b) => a.order - b.order))
}

/** Each player counts once: a factor that shares a player with a weightier one would say the same thing again. */
function withoutOverlap(ordered: readonly Factor[]): Factor[] {
  const told = new Set<number>()
  return ordered.filter(({ reason: { players } }) => {
    if (players.some((player) => told.has(player))) return false
    players.forEach((player) => told.add(player))
    return true
  })
}

/** Over all players, those without a code too: a share says how much of the whole the reason explains. */
function totalAdverse(contributions: readonly PlayerContribution[], { adverse }: ReasonPolicy): number {
  const sign = adverse === 'high' ? 1 : -1
  return contributions.reduce((sum, { contribution }) => sum + Math.max(0, sign * contribution), 0)
}

function describe(
  { reason, contribution, direction }: Factor,
  contributions: readonly PlayerContribution[],
  catalogue: Catalogue,
  languages: ReadonlySet<string>,
): Omit<Reason, 'rank' | 'share' | 'tieBroken'> {
  const parts = reason.players.map((player) => ({ ...catalogue.players[player]!, ...contributions[player]! }))
  const features = parts.flatMap((part) => part.features)
  return {
    code: reason.code,
    direction,
    contribution,
    features: features.map(({ name }) => name),
    value: parts.flatMap((part) => part.values),
    referenceValue: parts.flatMap((part) => part.referenceValues),
    texts: Object.fromEntries([...languages].map((language) => [language, renderText(reason.texts, language, parts)])),
    actionable: features.some(({ actionable }) => actionable),
  }
}
