import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { featureNames, randomBaseline, randomRows, width, windowOf } from '../explanations.test-data.ts'
import { merge, openWindow } from '../window/window.ts'
import { describeWindow } from './describe-window.ts'
import { distancesBetween } from './distances.ts'
import { contributionQuantiles, meanAbsolute, momentsOf } from './moments.ts'
import { ndcg, spearman } from './rankings.ts'

const n = featureNames.length
const baseline = randomBaseline(1)
const { scale } = baseline
const rows = randomRows(createRandom(2), 400)
const column = (i: number) => rows.filter((_, at) => at % width === i)

describe('the description of a window', () => {
  it('finds no distance between the reference and itself', () => {
    const { ndcg, spearman, features } = describeWindow(baseline, baseline.reference)!
    expect([ndcg, spearman]).toEqual([1, 1])
    for (const { psi, jensenShannon, wasserstein, ks, ksPValue } of features) {
      expect([psi, jensenShannon, wasserstein, ks]).toEqual([0, 0, 0, 0])
      expect(ksPValue).toBe(1)
    }
  })

  it('finds the feature that changed the farthest away, by every distance', () => {
    const window = windowOf(scale, randomRows(createRandom(3), 400, { SEX: 4 }))
    const { features, spearman } = describeWindow(baseline, window)!
    for (const distance of ['psi', 'jensenShannon', 'wasserstein', 'ks'] as const)
      expect(features.toSorted((a, b) => b[distance] - a[distance])[0]!.feature).toBe('SEX')
    expect(features.find(({ feature }) => feature === 'SEX')!.ksPValue).toBeLessThan(1e-9)
    expect(spearman).toBeLessThan(1)
  })

  it('is undefined for an empty window, and refuses one of another baseline', () => {
    expect(describeWindow(baseline, openWindow(scale))).toBeUndefined()
    expect(() => describeWindow(baseline, openWindow(randomBaseline(2).scale))).toThrow(
      expect.objectContaining({ code: 'WINDOW_MISMATCH' }),
    )
  })
})

describe('moments and quantiles', () => {
  const window = windowOf(scale, rows)

  it('are those of the explanations, within the width of a bin', () => {
    const shares = Array.from({ length: 400 }, (_, row) => {
      const c = rows.subarray(row * width, row * width + n)
      return Math.abs(c[0]!) / c.reduce((sum, value) => sum + Math.abs(value), 0)
    })
    const mean = shares.reduce((sum, share) => sum + share, 0) / 400
    const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / 400
    const moments = momentsOf(window, 'share', 0)!
    expect(moments.mean).toBeCloseTo(mean, 3)
    expect(moments.variance).toBeCloseTo(variance, 3)
    meanAbsolute(window).forEach((importance, i) => {
      const exact = column(i).reduce((sum, value) => sum + Math.abs(value), 0) / 400
      expect(Math.abs(importance - exact)).toBeLessThanOrEqual(0.02 * exact)
    })
    const sorted = column(1).sort()
    contributionQuantiles(window, 1, [0, 1])!.forEach((quantile, k) => {
      const exact = sorted[k * 399]!
      expect(Math.abs(quantile - exact)).toBeLessThanOrEqual(0.021 * Math.abs(exact))
    })
  })

  it('say that what never moved lies exactly where it was', () => {
    expect(momentsOf(window, 'signed-share', n - 1)).toEqual({ mean: 0, variance: 0 })
    expect(meanAbsolute(window)[n - 1]).toBe(0)
  })

  it('are the same bit for bit for any partitioning', () => {
    const halves = [0, 1].map((half) =>
      windowOf(
        scale,
        rows,
        Array.from({ length: 200 }, (_, k) => 2 * k + half),
      ),
    )
    const merged = merge(halves[1]!, halves[0]!)
    expect(momentsOf(merged, 'signed-share', 2)).toEqual(momentsOf(window, 'signed-share', 2))
    expect(meanAbsolute(merged)).toEqual(meanAbsolute(window))
    expect(contributionQuantiles(merged, 2, [0.1, 0.5])).toEqual(contributionQuantiles(window, 2, [0.1, 0.5]))
  })

  it('are undefined, and importance zero, where nothing was counted', () => {
    const empty = openWindow(scale)
    expect(momentsOf(empty, 'share', 0)).toBeUndefined()
    expect(contributionQuantiles(empty, 0, [0.5])).toBeUndefined()
    expect(meanAbsolute(empty)).toEqual(new Float64Array(n))
  })
})

describe('the distances', () => {
  it('are those of the textbook on histograms of ten bins', () => {
    const reference = new Uint32Array(10).fill(10)
    const live = Uint32Array.of(20, 0, 10, 10, 10, 10, 10, 10, 10, 10)
    const { psi, jensenShannon, wasserstein, ks, ksPValue } = distancesBetween(reference, live, 0.5)
    expect(psi).toBeCloseTo(0.1 * Math.log(0.2001 / 0.1001) - 0.1 * Math.log(0.0001 / 0.1001), 12)
    const toMean = (p: number, q: number) => (p > 0 ? p * Math.log2((2 * p) / (p + q)) : 0)
    expect(jensenShannon).toBeCloseTo((toMean(0.1, 0.2) + toMean(0.1, 0) + toMean(0.2, 0.1)) / 2, 12)
    expect(wasserstein).toBeCloseTo(0.05, 12)
    expect(ks).toBeCloseTo(0.1, 12)
    // scipy.special.kolmogorov(0.1 * (sqrt(50) + 0.12 + 0.11 / sqrt(50)))
    expect(ksPValue).toBeCloseTo(2 * (tail(1) - tail(2) + tail(3) - tail(4) + tail(5)), 12)
    function tail(k: number): number {
      const t = 0.1 * (Math.sqrt(50) + 0.12 + 0.11 / Math.sqrt(50))
      return Math.exp(-2 * (k * t) ** 2)
    }
  })

  it('of histograms that share nothing are the largest there are', () => {
    const { jensenShannon, ks, wasserstein } = distancesBetween(Uint32Array.of(5, 0, 0), Uint32Array.of(0, 0, 9), 1)
    expect([jensenShannon, ks, wasserstein]).toEqual([1, 1, 2])
  })
})

describe('the rankings', () => {
  it('are those of scikit-learn and scipy', () => {
    // ndcg_score([[3, 2, 1, 0]], [[1, 2, 3, 0]]) and spearmanr([3, 2, 1, 0], [1, 2, 3, 0])
    const [reference, live] = [Float64Array.of(3, 2, 1, 0), Float64Array.of(1, 2, 3, 0)]
    expect(ndcg(reference, live)).toBeCloseTo(0.7899980042460358, 12)
    expect(spearman(reference, live)).toBeCloseTo(0.2, 12)
    // spearmanr([1, 1, 2, 5], [2, 1, 4, 4]): equals share their rank.
    expect(spearman(Float64Array.of(1, 1, 2, 5), Float64Array.of(2, 1, 4, 4))).toBeCloseTo(8 / 9, 12)
  })

  it('are 1 where there is no order to lose', () => {
    expect([
      ndcg(new Float64Array(3), Float64Array.of(1, 2, 3)),
      spearman(new Float64Array(3), Float64Array.of(1, 2, 3)),
    ]).toEqual([1, 1])
  })
})
