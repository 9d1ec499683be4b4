import { prepareTexts, type WriteTexts } from './prepare-texts.ts'
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
  const factors = catalogue.reasons.map((reason) => prepareFactor(reason, catalogue, means, languages))
  const sign = policy.adverse === 'high' ? 1 : -1
  const most = Math.max(0, Math.min(policy.most, legalMost)) || 0

  const weights = new Float64Array(factors.length)
  const places = new Int32Array(factors.length)

  return (contributions, row) => {
    checkContributions(contributions, catalogue.players)
    const tolerance = rounding * largest(contributions)
    const count = weighInto(factors, contributions, row, sign, tolerance, weights, places)
    mostAdverseFirst(weights, places.subarray(0, count), tolerance)
    const principal = withoutOverlap(factors, places, count, most + 1)
    const total = totalAdverse(contributions, sign)
    const isTied = (a: number | undefined, b: number): boolean =>
      a !== undefined && Math.abs(weights[a]! - weights[b]!) <= tolerance
    return principal.slice(0, most).map((place, index) => {
      const factor = factors[place]!
      return {
        code: factor.reason.code,
        rank: index + 1,
        direction: sideOf(factor, row),
        contribution: sign * weights[place]!,
        share: Math.min(1, weights[place]! / total),
        players: factor.reason.players,
        features: factor.features,
        referenceValue: factor.referenceValue,
        texts: factor.writeTexts(row),
        actionable: factor.actionable,
        tieBroken: isTied(principal[index - 1], place) || isTied(principal[index + 1], place),
      }
    })
  }
}

/** A catalogue reason, and what it says of every decision. */
interface Factor {
  readonly reason: CatalogueReason
  /** Of its only feature; undefined when there are several: those have no side. */
  readonly column: number | undefined
  readonly mean: number
  readonly referenceValue: number | undefined
  readonly features: readonly string[]
  readonly actionable: boolean
  readonly writeTexts: WriteTexts
}

function prepareFactor(
  reason: CatalogueReason,
  catalogue: Catalogue,
  means: Float64Array,
  languages: readonly string[],
): Factor {
  const players = reason.players.map((player) => catalogue.players[player]!)
  const features = players.flatMap((player) => player.features)
  const column = features.length === 1 ? players[0]!.columns[0]! : undefined
  const mean = column === undefined ? Number.NaN : means[column]!
  return {
    reason,
    column,
    mean,
    referenceValue: Number.isNaN(mean) ? undefined : mean,
    features: features.map(({ name }) => name),
    actionable: features.some(({ actionable }) => actionable),
    writeTexts: prepareTexts(reason.texts, languages, players, means, column),
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

/** How much each factor hurts, at its place in `weights`; returns how many do, their places first in `places`. */
function weighInto(
  factors: readonly Factor[],
  contributions: Float64Array,
  row: Float32Array,
  sign: number,
  tolerance: number,
  weights: Float64Array,
  places: Int32Array,
): number {
  let count = 0
  for (let place = 0; place < factors.length; place++) {
    const factor = factors[place]!
    const { players, direction } = factor.reason
    let contribution = 0
    for (let i = 0; i < players.length; i++) contribution += contributions[players[i]!]!
    weights[place] = sign * contribution
    if (weights[place]! <= tolerance) continue
    if (direction === undefined || direction === sideOf(factor, row)) places[count++] = place
  }
  return count
}

/** A missing value and the mean itself have no side. */
function sideOf({ column, mean }: Factor, row: Float32Array): Reason['direction'] {
  if (column === undefined) return 'none'
  const difference = row[column]! - mean
  return difference > 0 ? 'above' : difference < 0 ? 'below' : 'none'
}

/** By weight; a run of factors each equal to the one before it is put in the catalogue's order. */
function mostAdverseFirst(weights: Float64Array, places: Int32Array, tolerance: number): void {
  insertionSort(places, (a, b) => weights[b]! - weights[a]!)
  for (let start = 0, end = 1; end <= places.length; end++) {
    if (end < places.length && weights[places[end - 1]!]! - weights[places[end]!]! <= tolerance) continue
    if (end - start > 1) places.subarray(start, end).sort()
    start = end
  }
}

/** A dozen places: the sort of arrays would copy them. */
function insertionSort(places: Int32Array, compare: (a: number, b: number) => number): void {
  for (let end = 1; end < places.length; end++) {
    const place = places[end]!
    let at = end
    for (; at > 0 && compare(places[at - 1]!, place) > 0; at--) places[at] = places[at - 1]!
    places[at] = place
  }
}

/** The first `most` of which each player counts once: a factor that shares one with a weightier factor would say the same again. */
function withoutOverlap(factors: readonly Factor[], places: Int32Array, count: number, most: number): number[] {
  const told: number[] = []
  const isTold = (player: number): boolean => told.some((place) => factors[place]!.reason.players.includes(player))
  for (let i = 0; i < count && told.length < most; i++)
    if (!factors[places[i]!]!.reason.players.some(isTold)) told.push(places[i]!)
  return told
}

/** Over all players, those without a code too: a share says how much of the whole the reason explains. */
function totalAdverse(contributions: Float64Array, sign: number): number {
  let total = 0
  for (let i = 0; i < contributions.length; i++) total += Math.max(0, sign * contributions[i]!)
  return total
}
