import { countBits } from './shapley-weights.ts'

/**
 * Contributions of one leaf for every set U of players of which the explained row violates a condition on its path:
 * `out[U][player]`, `playerCount` wide. `share[V]` is the part of the background that violates exactly the set V.
 *
 * A coalition reaches the leaf when it holds V (those players must come from the row) and none of U (those must come from
 * the background), which is possible only when U and V are disjoint (algorithm: WOODELF, Nadel & Wettenstein).
 */
export function leafTableInto(
  leafValue: number,
  share: Float64Array,
  playerCount: number,
  weights: Float64Array,
  out: Float64Array,
): void {
  const width = Math.sqrt(weights.length)
  const everyone = (1 << playerCount) - 1
  out.fill(0, 0, (everyone + 1) * playerCount)
  for (let v = 0; v <= everyone; v++) {
    if (share[v] === 0) continue
    const amount = leafValue * share[v]!
    const a = countBits(v)
    // Every subset of the players outside V, the empty one last.
    const free = everyone & ~v
    for (let u = free; ; u = (u - 1) & free) {
      const e = countBits(u)
      const gain = amount * weights[a * width + e]!
      const loss = amount * weights[e * width + a]!
      const start = u * playerCount
      for (let i = 0; i < playerCount; i++) {
        if ((v >> i) & 1) out[start + i]! += gain
        else if ((u >> i) & 1) out[start + i]! -= loss
      }
      if (u === 0) break
    }
  }
}
