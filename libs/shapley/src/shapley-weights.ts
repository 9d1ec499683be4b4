/**
 * Shapley weights `[a][e]` = (a−1)! e! / (a+e)! for a, e = 0 … limit (0 where a = 0), row-major, `limit + 1` wide.
 *
 * In a game that pays 1 to a coalition holding all of `a` players and none of `e` others, each of the `a` gets `[a][e]`
 * and each of the `e` gets −`[e][a]`.
 */
export function shapleyWeights(limit: number): Float64Array {
  const width = limit + 1
  const weights = new Float64Array(width * width)
  for (let e = 0; e <= limit; e++) {
    let weight = 1 / (e + 1)
    for (let a = 1; a <= limit; a++) {
      weights[a * width + e] = weight
      weight *= a / (a + e + 1)
    }
  }
  return weights
}

/** How many bits of a 32-bit integer are set. */
export function countBits(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++
  return count
}
