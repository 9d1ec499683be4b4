import { prepareReasons, type Catalogue, type Reason, type ReasonPolicy } from './index.ts'

/** What happened to one player: the applicant's values and the reference's means, in the player's own order; NaN = missing. */
export interface PlayerContribution {
  readonly contribution: number
  readonly values: readonly number[]
  readonly referenceValues: readonly number[]
}

/** A catalogue whose columns follow from the players' features. */
export type PlainCatalogue = Omit<Catalogue, 'players'> & {
  readonly players: readonly Omit<Catalogue['players'][number], 'columns'>[]
}

/** The reasons of one decision, from what happened to each player. */
export function selectReasons(
  given: readonly PlayerContribution[],
  { players, reasons }: PlainCatalogue,
  policy: ReasonPolicy,
): readonly Reason[] {
  let next = 0
  const withColumns = players.map((player) => ({ ...player, columns: player.features.map(() => next++) }))
  const means = Float64Array.from(given.flatMap(({ referenceValues }) => referenceValues))
  const select = prepareReasons({ reasons, players: withColumns }, means, policy)
  return select(
    Float64Array.from(given, ({ contribution }) => contribution),
    Float32Array.from(given.flatMap(({ values }) => values)),
  )
}
