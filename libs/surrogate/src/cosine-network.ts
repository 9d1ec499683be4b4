import type { CosineBasis } from './cosine-basis.ts'

/**
 * g(x) = offset + scale·[slopes·(u, Z, 1) + Σ_k amplitudes[k]·cos(weights[·, k]·u + biases[k])], plain data. u are the
 * inputs of `basis`, Z its standardised values.
 */
export interface CosineNetwork {
  readonly basis: CosineBasis
  readonly unitCount: number
  readonly offset: number
  /** 0 for a constant target. */
  readonly scale: number
  /** inputCount × unitCount, row-major. */
  readonly weights: Float32Array
  readonly biases: Float32Array
  readonly amplitudes: Float32Array
  /** inputCount of u, featureCount of Z, the intercept. */
  readonly slopes: Float32Array
}
