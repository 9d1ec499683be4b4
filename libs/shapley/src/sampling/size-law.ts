/** `chances[s]` of coalition size s = 1 … n − 1 (0 for the empty and the full one); they sum to 1. */
export type SizeLaw = Float64Array

/** p(s) ∝ (s(n−s))^−`power`: 1 is the Shapley kernel's own law, 0 the uniform one (leverage scores), ½ between them. */
export function sizeLaw(playerCount: number, power: number): SizeLaw {
  const chances = new Float64Array(playerCount + 1)
  let sum = 0
  for (let s = 1; s < playerCount; s++) sum += chances[s] = (s * (playerCount - s)) ** -power
  for (let s = 1; s < playerCount; s++) chances[s]! /= sum
  return chances
}

/** What the Shapley kernel weighs all coalitions of a size with together: 1/(s(n−s)), up to a common factor. */
export function kernelMass(playerCount: number, size: number): number {
  return 1 / (size * (playerCount - size))
}

const goldenFraction = (Math.sqrt(5) - 1) / 2

/** The size of the k-th coalition: the law's quantiles at start + k·golden ratio, modulo 1, which fill the law evenly. */
export function goldenSize(law: SizeLaw, k: number, start: number): number {
  let rest = (start + k * goldenFraction) % 1
  let size = 1
  while (size < law.length - 2 && rest >= law[size]!) rest -= law[size++]!
  return size
}
