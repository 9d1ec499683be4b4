import type { Histogram } from './histogram.ts'

/** Codes up to `bin` of the feature go left, and missing values where `missingLeft` says. */
export interface Split {
  readonly gain: number
  readonly feature: number
  readonly bin: number
  readonly missingLeft: boolean
  readonly leftSum: number
  readonly leftCount: number
}

export interface SplitLimits {
  readonly minRowsPerLeaf: number
  readonly l2: number
  /** What a split must gain in squared error to be more than rounding. */
  readonly leastGain: number
}

/**
 * The split of a leaf with `count` rows and residuals of `sum` that lessens the squared error most; the first of equals.
 * Missing values are tried on both sides; without any they go the way of most rows.
 */
export function findSplit(
  histogram: Histogram,
  starts: Int32Array,
  sum: number,
  count: number,
  limits: SplitLimits,
): Split | undefined {
  const before = (sum * sum) / (count + limits.l2)
  const best = { gain: before + limits.leastGain, feature: -1, bin: 0, missingLeft: false, leftSum: 0, leftCount: 0 }
  for (let f = 0; f < starts.length - 1; f++) {
    const missing = 2 * (starts[f + 1]! - 1)
    scan(f, false)
    if (histogram[missing + 1]! > 0) scan(f, true)
  }
  return best.feature < 0 ? undefined : { ...best, gain: best.gain - before }

  function scan(feature: number, missingLeft: boolean): void {
    const { minRowsPerLeaf, l2 } = limits
    const start = 2 * starts[feature]!
    const missing = 2 * (starts[feature + 1]! - 1)
    let leftSum = missingLeft ? histogram[missing]! : 0
    let leftCount = missingLeft ? histogram[missing + 1]! : 0
    for (let bin = start; bin < missing; bin += 2) {
      leftSum += histogram[bin]!
      leftCount += histogram[bin + 1]!
      if (leftCount < minRowsPerLeaf) continue
      const rightCount = count - leftCount
      if (rightCount < minRowsPerLeaf) break
      const rightSum = sum - leftSum
      const gain = (leftSum * leftSum) / (leftCount + l2) + (rightSum * rightSum) / (rightCount + l2)
      if (gain <= best.gain) continue
      best.gain = gain
      best.feature = feature
      best.bin = (bin - start) >> 1
      best.missingLeft = missingLeft || (histogram[missing + 1] === 0 && leftCount > rightCount)
      best.leftSum = leftSum
      best.leftCount = leftCount
    }
  }
}
