/** What a sample says of values in [0, 1]. */
export interface Moments {
  readonly mean: number
  readonly variance: number
}

/**
 * The highest mean that `count` independent values in [0, 1] with this sample mean and variance leave possible, but for a
 * `chance` of error: the empirical Bernstein inequality (Maurer & Pontil 2009, theorem 4). May exceed 1.
 */
export function highestMean({ mean, variance }: Moments, count: number, chance: number): number {
  const logTerm = Math.log(2 / chance)
  return mean + Math.sqrt((2 * variance * logTerm) / count) + (7 * logTerm) / (3 * (count - 1))
}

/** Of a sum: what is less than this part of it is lost in its rounding. */
const negligible = 2 ** -60

/**
 * The highest rate of an event that was seen `times` in `count` independent trials, but for a `chance` of error: the exact
 * binomial bound (Clopper & Pearson 1934), the least rate at which as few are seen with no more than that chance. In [0, 1].
 */
export function highestRate(times: number, count: number, chance: number): number {
  let [low, high] = [times / count, 1]
  for (;;) {
    const rate = (low + high) / 2
    if (!(low < rate && rate < high)) return high
    if (chanceOfAtMost(times, count, rate) > chance) low = rate
    else high = rate
  }
}

/**
 * P(X ≤ `times`) of a binomial X. Both tails are summed in units of P(X = `times`), from there outward, so that no factorial
 * is needed; where the upper one overflows, the lower one is nothing beside it.
 */
function chanceOfAtMost(times: number, count: number, rate: number): number {
  const odds = rate / (1 - rate)
  let atMost = 0
  for (let k = times, term = 1; term > negligible * atMost; k--) {
    atMost += term
    term *= k / ((count - k + 1) * odds)
  }
  let above = 0
  for (let k = times, term = 1; term > negligible * above; k++) {
    term *= ((count - k) / (k + 1)) * odds
    above += term
  }
  return atMost / (atMost + above)
}
