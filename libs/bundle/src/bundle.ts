/** Texts by language. English is always there. */
export type Texts = Readonly<Record<string, string>>

export interface Feature {
  readonly name: string
  readonly label: Texts
  readonly unit: string | undefined
  /** For the catalogue only; players are named in `players`. */
  readonly group: string | undefined
  /** Whether the applicant can change it. */
  readonly actionable: boolean
  readonly protected: boolean
  /** Names of codes, by the code as written ("1" → "male"). */
  readonly values: ReadonlyMap<string, string>
}

/** One player of the game; `features` are indices in bundle order. Features not listed in bundle.yaml stay single. */
export interface BundlePlayer {
  readonly name: string
  readonly features: readonly number[]
}

/** A reason of the catalogue, as the files give it (or the default: one per player). */
export interface CatalogueEntry {
  readonly code: string
  /** Players whose contributions are summed for this code, by index in `Bundle.players`. */
  readonly players: readonly number[]
  /** Given only for applicants whose value lies on this side of the reference mean; undefined: either side. */
  readonly direction: 'above' | 'below' | undefined
  /** Templates with {label} {value} {reference} {unit}. */
  readonly texts: Texts
}

/** A table of numbers: row-major, NaN where missing. */
export interface NumberTable {
  readonly columns: readonly string[]
  readonly rowCount: number
  readonly values: Float64Array
}

export interface Bundle {
  readonly directory: string
  readonly model: {
    readonly name: string
    readonly version: string
    /** As written in bundle.yaml, relative to the directory. */
    readonly file: string
    readonly bytes: Uint8Array
    /** Hex, of the ONNX file. */
    readonly sha256: string
    readonly output: string
    readonly column: number | undefined
    readonly explain: 'log-odds' | 'probability' | 'raw'
  }
  readonly decision: { readonly adverse: 'high' | 'low'; readonly cutoff: number }
  readonly reference: {
    readonly file: string
    readonly population: 'all' | 'approved' | 'just-above-cutoff'
    readonly size: number
    /** The whole file, columns in bundle order. Selecting rows is the reader's business: it takes scores. */
    readonly rows: NumberTable
  }
  readonly features: readonly Feature[]
  /** Every feature belongs to exactly one player. */
  readonly players: readonly BundlePlayer[]
  readonly catalogue: { readonly version: string; readonly entries: readonly CatalogueEntry[] }
  /** Path is absolute; read only when needed. */
  readonly training: { readonly file: string; readonly label: string | undefined } | undefined
  /** Hex, over every byte that the bundle consists of: equal hashes are equal bundles. */
  readonly sha256: string
  /** Things worth saying that do not stop the bundle, each with its remedy. */
  readonly warnings: readonly string[]
}
