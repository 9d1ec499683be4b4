/** Distances between two histograms over the same bins, neither empty. */
export interface Distances {
  /** Population stability index over tenths of the reference, 1e-4 added to every part. */
  readonly psi: number
  /** Jensen–Shannon divergence over the same tenths, in bits: 0 to 1. */
  readonly jensenShannon: number
  /** In the unit of the statistic. */
  readonly wasserstein: number
  /** Kolmogorov–Smirnov: the largest difference of the cumulative shares, and how likely one as large is by chance. */
  readonly ks: number
  readonly ksPValue: number
}

/** `width`: of a bin, in the unit of the statistic. */
export function distancesBetween(reference: Uint32Array, live: Uint32Array, width: number): Distances {
  const [n, m] = [countOf(reference), countOf(live)]
  const [p, q] = intoTenths(reference, live, n, m)
  let [below, gap, ks] = [0, 0, 0]
  for (let bin = 0; bin < reference.length; bin++) {
    below += live[bin]! / m - reference[bin]! / n
    gap += Math.abs(below)
    ks = Math.max(ks, Math.abs(below))
  }
  return {
    psi: p.reduce((sum, share, k) => sum + (q[k]! - share) * Math.log((q[k]! + 1e-4) / (share + 1e-4)), 0),
    jensenShannon: (divergence(p, q) + divergence(q, p)) / 2,
    wasserstein: gap * width,
    ks,
    ksPValue: kolmogorovTail(ks, (n * m) / (n + m)),
  }
}

/** The shares of both histograms in groups of bins that each hold about a tenth of the reference. */
function intoTenths(reference: Uint32Array, live: Uint32Array, n: number, m: number): [number[], number[]] {
  const p = new Array<number>(10).fill(0)
  const q = new Array<number>(10).fill(0)
  let seen = 0
  for (let bin = 0; bin < reference.length; bin++) {
    const tenth = Math.min(Math.floor((10 * seen) / n), 9)
    p[tenth]! += reference[bin]! / n
    q[tenth]! += live[bin]! / m
    seen += reference[bin]!
  }
  return [p, q]
}

/** Kullback–Leibler divergence from the mean of both, in bits. */
function divergence(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, share, k) => (share > 0 ? sum + share * Math.log2((2 * share) / (share + q[k]!)) : sum), 0)
}

/** P(KS ≥ d) under the null for an effective count, asymptotically, with Stephens's correction. */
function kolmogorovTail(d: number, effective: number): number {
  const t = d * (Math.sqrt(effective) + 0.12 + 0.11 / Math.sqrt(effective))
  // Below, the series converges slowly and the tail is 1 to within 1e-6.
  if (t < 0.3) return 1
  let sum = 0
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * (k * t) ** 2)
  return Math.min(Math.max(sum, 0), 1)
}

function countOf(counts: Uint32Array): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
