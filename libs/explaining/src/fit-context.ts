import type { FitTime } from './fit-time.ts'
import type { SampledRouteReady } from './sampling.ts'

/** What every stage of a fit needs. */
export interface FitContext {
  readonly sampled: SampledRouteReady
  readonly time: FitTime
  /** What a decision may cost on one core. */
  readonly milliseconds: number
  readonly say: (progress: FitStep) => void
}

export interface FitStep {
  readonly step: string
  /** Of the step, 0 … 1. */
  readonly share: number
}
