/** What happened to one player in one decision. Values are the applicant's and the mean of the reference; NaN = missing. */
export interface PlayerContribution {
  readonly contribution: number
  /** The applicant's value per feature of the player, in the player's own order. */
  readonly values: readonly number[]
  readonly referenceValues: readonly number[]
}

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

export interface Catalogue {
  readonly reasons: readonly CatalogueReason[]
  /** Features of each player. */
  readonly players: readonly { readonly name: string; readonly features: readonly FeatureDisplay[] }[]
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
  readonly features: readonly string[]
  readonly value: readonly number[]
  readonly referenceValue: readonly number[]
  readonly texts: Readonly<Record<string, string>>
  readonly actionable: boolean
  /** The next or the former reason has the same contribution: the catalogue's order decided. */
  readonly tieBroken: boolean
}

export type SelectReasons = (
  contributions: readonly PlayerContribution[],
  catalogue: Catalogue,
  policy: ReasonPolicy,
) => readonly Reason[]
