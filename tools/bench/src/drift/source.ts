import type { Adverse } from '@raison/drift'

/** Where explanations come from. */
export interface DriftSource {
  readonly name: string
  readonly features: readonly string[]
  readonly adverse: Adverse
  /** Windows of the study: without drift, and of a scenario before and after it begins. */
  readonly windows: { readonly quiet: number; readonly before: number; readonly after: number }
  /** Streams without drift, of other seeds each; as many scenarios' streams as `scenarioSeeds` of them. */
  readonly seeds: number
  readonly scenarioSeeds: number
  readonly scenarios: readonly Scenario[]
  /** Segments that explanations belong to; empty where they are not known. */
  readonly segments: readonly string[]
  draw(seed: number): DrawnStream
}

export interface Scenario {
  readonly name: string
  /** Nothing that reasons could show: an alarm would be false. */
  readonly harmless: boolean
}

export interface DrawnStream {
  readonly reference: Rows
  /** The explanations after the reference, without drift. */
  readonly quiet: Rows
  /** `before` windows of `quiet`, then `after` windows of the scenario. */
  drifted(scenario: string): Rows
}

export interface Rows {
  /** As `@raison/drift` takes them: of every explanation its contributions, then the values. */
  readonly rows: Float64Array
  /** Index of the segment of each row; empty where there are none. */
  readonly segments: Uint8Array
}

/** Of row-major contributions and values, both one for every feature. */
export function joinRows(contributions: Float64Array, values: ArrayLike<number>, featureCount: number): Float64Array {
  return Float64Array.from({ length: 2 * contributions.length }, (_, at) => {
    const i = at % (2 * featureCount)
    const first = (at - i) / 2
    return i < featureCount ? contributions[first + i]! : values[first + i - featureCount]!
  })
}

export const windowSize = 250
export const referenceSize = 20_000
