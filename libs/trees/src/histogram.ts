import type { BinnedRows } from './bin-rows.ts'
import type { Range } from './partition-rows.ts'

/**
 * Residuals by bin: of feature f's bin b, `histogram[2 * (starts[f] + b)]` is the sum and the number after it the count.
 * The last bin of a feature is that of its missing values.
 */
export type Histogram = Float64Array

/** One entry more than there are features, which are rounded up to whole words. */
export function histogramStarts({ cuts }: BinnedRows): Int32Array {
  const starts = new Int32Array(4 * Math.ceil(cuts.length / 4) + 1)
  for (let f = 0; f < starts.length - 1; f++) starts[f + 1] = starts[f]! + (cuts[f]?.length ?? 0) + 1
  return starts
}

export interface CountedRows {
  readonly binned: BinnedRows
  readonly starts: Int32Array
  readonly residuals: Float64Array
  readonly rows: Int32Array
  /** Scratch, as long as `rows`. */
  readonly gathered: Float64Array
}

/** Counts the rows `rows[first]` … `rows[end − 1]`. */
export function fillHistogram(counted: CountedRows, { first, end }: Range, histogram: Histogram): void {
  const { starts, residuals, rows, gathered } = counted
  const { words, rowCount } = counted.binned
  histogram.fill(0)
  for (let i = first; i < end; i++) gathered[i] = residuals[rows[i]!]!
  for (let f = 0, block = 0; f < starts.length - 1; f += 4, block += rowCount) {
    const [start0, start1, start2, start3] = [
      2 * starts[f]!,
      2 * starts[f + 1]!,
      2 * starts[f + 2]!,
      2 * starts[f + 3]!,
    ]
    // Four features at once: the additions to one do not wait for those to another. Each shift leaves twice the byte.
    for (let i = first; i < end; i++) {
      const word = words[block + rows[i]!]!
      const residual = gathered[i]!
      const bin0 = start0 + ((word << 1) & 510)
      const bin1 = start1 + ((word >>> 7) & 510)
      const bin2 = start2 + ((word >>> 15) & 510)
      const bin3 = start3 + ((word >>> 23) & 510)
      histogram[bin0]! += residual
      histogram[bin0 + 1]! += 1
      histogram[bin1]! += residual
      histogram[bin1 + 1]! += 1
      histogram[bin2]! += residual
      histogram[bin2 + 1]! += 1
      histogram[bin3]! += residual
      histogram[bin3 + 1]! += 1
    }
  }
}

/** What is left of a parent's histogram without one child is the other child's. */
export function subtractHistogram(parent: Histogram, child: Histogram): void {
  for (let i = 0; i < parent.length; i++) parent[i]! -= child[i]!
}
