import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** A stream of chance. The same seed gives the same numbers on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number
  /** A whole number, uniform in 0 … n−1. */
  below(n: number): number
  /** Standard normal. */
  normal(): number
}

/** A stream from a 32-bit seed (xoroshiro128+, Blackman & Vigna 2018). */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed | 0)
  const uniform = (): number => uniformFloat64(generator)
  return {
    uniform,
    below: (n) => uniformInt(generator, 0, n - 1),
    // Box–Muller; 1 − u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  }
}
