import type { Random } from '@raison/numerics'

export function happens(random: Random, probability: number): boolean {
  return random.uniform() < probability
}

/** A count of rare events (Knuth's product of uniforms; `mean` stays below twenty here). */
export function poisson(random: Random, mean: number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random.uniform(); product > limit; product *= random.uniform()) count++
  return count
}

/** One of the names, each as likely as its weight. */
export function choose<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.uniform() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names.at(-1)!
}

export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}

/** To the nearest multiple of `step`, without a tail of binary digits. */
export function roundTo(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toFixed(2))
}
