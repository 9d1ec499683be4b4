export interface CatalogueReason {
  readonly code: string
  /** Indices of the players whose contributions are summed. */
  readonly players: readonly number[]
  readonly direction: 'above' | 'below' | undefined
  readonly texts: Readonly<Record<string, string>>
}

/** How one feature is written in a reason's text. */
export interface FeatureDisplay {
  readonly name: string
  readonly label: Readonly<Record<string, string>>
  readonly unit: string | undefined
  readonly values: ReadonlyMap<string, string>
  readonly actionable: boolean
}

/** One player: its features, and where their values lie in a row. */
export interface CataloguePlayer {
  readonly name: string
  readonly features: readonly FeatureDisplay[]
  /** Per feature its index in the rows and in the reference. */
  readonly columns: readonly number[]
}

export interface Catalogue {
  readonly reasons: readonly CatalogueReason[]
  readonly players: readonly CataloguePlayer[]
}

export interface ReasonPolicy {
  /** At most this many reasons; never above four (Reg B, comment 9(b)(2)). */
  readonly most: number
  /** Which sign of a contribution hurts the applicant: 'high' = raising the score does. */
  readonly adverse: 'high' | 'low'
}

export interface Reason {
  readonly code: string
  /** From 1, most adverse first. */
  readonly rank: number
  /** Which side of the reference the applicant's value lies; 'none' for groups and equal or missing values. */
  readonly direction: 'above' | 'below' | 'none'
  /** Signed, in the space of the explanation. */
  readonly contribution: number
  /** Of the sum of all adverse contributions, 0 … 1. */
  readonly share: number
  /** Indices of the players behind it. */
  readonly players: readonly number[]
  readonly features: readonly string[]
  /** Mean of the reference; undefined for a reason over several features, and where no reference row has a value. */
  readonly referenceValue: number | undefined
  readonly texts: Readonly<Record<string, string>>
  readonly actionable: boolean
  /** The next or the former reason has the same contribution: the catalogue's order decided. */
  readonly tieBroken: boolean
}

/**
 * The principal reasons of one decision, most adverse first. `contributions`: one per player; `row`: one value per feature,
 * NaN where missing. Throws ReasonError when a contribution is not finite, or when there is not one for each player.
 */
export type SelectReasons = (contributions: Float64Array, row: Float32Array) => Reason[]
