import { prepareText, type Write } from './prepare-text.ts'
import { ReasonError } from './reason-error.ts'
import type { Catalogue, CataloguePlayer, CatalogueReason, Reason, ReasonPolicy, SelectReasons } from './reasons.ts'

/** Reg B, comment 9(b)(2): more than four reasons are "not likely to be helpful to the applicant". */
const legalMost = 4

/**
 * Contributions closer than this share of the decision's largest one are equal, and smaller ones are nothing. Summing
 * 10⁴ leaves in float64 errs by about 10⁻¹² of that largest value; a difference anybody could act on starts far above 10⁻⁹.
 */
const rounding = 1e-9

/**
 * The catalogue made ready for one reference population (`means`: one per feature, NaN where no row has a value): all that
 * no decision changes is computed here. A decision gets at most `policy.most` reasons and never more than four, only factors
 * that hurt, each player in at most one of them. Equal weights follow the catalogue's order and are marked.
 */
export function prepareReasons(catalogue: Catalogue, means: Float64Array, policy: ReasonPolicy): SelectReasons {
  const languages = [...new Set(catalogue.reasons.flatMap(({ texts }) => Object.keys(texts)))]
  const factors = catalogue.reasons.map((reason, order) => prepareFactor(reason, order, catalogue, means, languages))
  const sign = policy.adverse === 'high' ? 1 : -1
  const most = Math.max(0, Math.min(policy.most, legalMost)) || 0

  return (contributions, row) => {
    checkContributions(contributions, catalogue.players)
    const tolerance = rounding * largest(contributions)
    const weighed = weighAll(factors, contributions, row, sign, tolerance)
    const principal = withoutOverlap(mostAdverseFirst(weighed, tolerance))
    const total = totalAdverse(contributions, sign)
    const isTied = (a: Weighed | undefined, b: Weighed): boolean =>
      a !== undefined && Math.abs(a.adverse - b.adverse) <= tolerance
    return principal.slice(0, most).map((reason, index) => ({
      ...tell(reason, row),
      rank: index + 1,
      share: Math.min(1, reason.adverse / total),
      tieBroken: isTied(principal[index - 1], reason) || isTied(principal[index + 1], reason),
    }))
  }
}

/** A catalogue reason, and what it says of every decision. */
interface Factor {
  readonly reason: CatalogueReason
  readonly order: number
  /** Of its only feature; undefined when there are several: those have no side. */
  readonly column: number | undefined
  readonly mean: number
  readonly features: readonly string[]
  readonly actionable: boolean
  readonly texts: readonly { readonly language: string; readonly write: Write }[]
}

/** A factor weighed for one decision. */
interface Weighed {
  readonly factor: Factor
  readonly contribution: number
  /** The same, positive when it hurts the applicant. */
  readonly adverse: number
  readonly direction: Reason['direction']
}

function prepareFactor(
  reason: CatalogueReason,
  order: number,
  catalogue: Catalogue,
  means: Float64Array,
  languages: readonly string[],
): Factor {
  const players = reason.players.map((player) => catalogue.players[player]!)
  const features = players.flatMap((player) => player.features)
  const column = features.length === 1 ? players[0]!.columns[0]! : undefined
  return {
    reason,
    order,
    column,
    mean: column === undefined ? Number.NaN : means[column]!,
    features: features.map(({ name }) => name),
    actionable: features.some(({ actionable }) => actionable),
    texts: languages.map((language) => ({ language, write: prepareText(reason.texts, language, players, means) })),
  }
}

function checkContributions(contributions: Float64Array, players: readonly CataloguePlayer[]): void {
  if (contributions.length !== players.length)
    throw new ReasonError(
      'CONTRIBUTION_COUNT',
      `${contributions.length} contributions for ${players.length} players: give one per player, in the catalogue's order`,
    )
  for (let i = 0; i < contributions.length; i++)
    if (!Number.isFinite(contributions[i]))
      throw new ReasonError(
        'CONTRIBUTION_NOT_FINITE',
        `the contribution of ${players[i]!.name} is ${contributions[i]}: ` +
          `the explanation failed before it reached the reasons; check the model on this decision's values`,
      )
}

function largest(contributions: Float64Array): number {
  let most = 0
  for (let i = 0; i < contributions.length; i++) most = Math.max(most, Math.abs(contributions[i]!))
  return most
}

function weighAll(
  factors: readonly Factor[],
  contributions: Float64Array,
  row: Float32Array,
  sign: number,
  tolerance: number,
): Weighed[] {
  const weighed: Weighed[] = []
  for (const factor of factors) {
    const { players, direction } = factor.reason
    let contribution = 0
    for (let i = 0; i < players.length; i++) contribution += contributions[players[i]!]!
    const adverse = sign * contribution
    if (adverse <= tolerance) continue
    const side = sideOf(factor, row)
    if (direction === undefined || direction === side) weighed.push({ factor, contribution, adverse, direction: side })
  }
  return weighed
}

/** A missing value and the mean itself have no side. */
function sideOf({ column, mean }: Factor, row: Float32Array): Reason['direction'] {
  if (column === undefined) return 'none'
  const difference = row[column]! - mean
  return difference > 0 ? 'above' : difference < 0 ? 'below' : 'none'
}

/** By weight; a run of factors each equal to the one before it is put in the catalogue's order. */
function mostAdverseFirst(weighed: Weighed[], tolerance: number): Weighed[] {
  weighed.sort((a, b) => b.adverse - a.adverse)
  for (let start = 0, end = 1; end <= weighed.length; end++) {
    if (end < weighed.length && weighed[end - 1]!.adverse - weighed[end]!.adverse <= tolerance) continue
    if (end - start > 1) {
      const run = weighed.slice(start, end).sort((a, b) => a.factor.order - b.factor.order)
      weighed.splice(start, run.length, ...run)
    }
    start = end
  }
  return weighed
}

/** Each player counts once: a factor that shares a player with a weightier one would say the same thing again. */
function withoutOverlap(ordered: readonly Weighed[]): Weighed[] {
  const told = new Set<number>()
  return ordered.filter(({ factor: { reason } }) => {
    if (reason.players.some((player) => told.has(player))) return false
    for (const player of reason.players) told.add(player)
    return true
  })
}

/** Over all players, those without a code too: a share says how much of the whole the reason explains. */
function totalAdverse(contributions: Float64Array, sign: number): number {
  let total = 0
  for (let i = 0; i < contributions.length; i++) total += Math.max(0, sign * contributions[i]!)
  return total
}

function tell(
  { factor, contribution, direction }: Weighed,
  row: Float32Array,
): Omit<Reason, 'rank' | 'share' | 'tieBroken'> {
  const texts: Record<string, string> = {}
  for (const { language, write } of factor.texts) texts[language] = write(row)
  return {
    code: factor.reason.code,
    direction,
    contribution,
    players: factor.reason.players,
    features: factor.features,
    referenceValue: Number.isNaN(factor.mean) ? undefined : factor.mean,
    texts,
    actionable: factor.actionable,
  }
}
