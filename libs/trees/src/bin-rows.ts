import type { TrainingData } from './fit-options.ts'

/** Rows as small integers: the bin of every value, one byte each. */
export interface BinnedRows {
  readonly rowCount: number
  /**
   * Four features to a word, which is read at once: feature f of a row is byte `f % 4`, lowest first, of
   * `words[(f >> 2) * rowCount + row]`.
   */
  readonly words: Int32Array
  /**
   * Upper ends of each feature's bins, ascending. A value has the code b when `cuts[b − 1] < value <= cuts[b]`; the last
   * cut is Infinity. A missing value has the code `cuts.length`; a feature without any value has no cuts.
   */
  readonly cuts: readonly Float32Array[]
}

/** Sorts every feature's values into at most `most` bins. */
export function binRows({ rows, rowCount, featureCount }: TrainingData, most: number): BinnedRows {
  const words = new Int32Array(Math.ceil(featureCount / 4) * rowCount)
  const column = new Float32Array(rowCount)
  const cuts: Float32Array[] = []
  for (let f = 0; f < featureCount; f++) {
    for (let row = 0; row < rowCount; row++) column[row] = rows[row * featureCount + f]!
    const featureCuts = cutValues(column.toSorted(), most)
    for (let row = 0; row < rowCount; row++)
      words[(f >> 2) * rowCount + row]! |= codeOf(featureCuts, column[row]!) << (8 * (f & 3))
    cuts.push(featureCuts)
  }
  return { rowCount, words, cuts }
}

/** A bin for every distinct value when they are few, else bins of about the same number of rows. `sorted` has NaN last. */
function cutValues(sorted: Float32Array, most: number): Float32Array {
  const { values, counts } = distinctValues(sorted)
  const cuts: number[] = []
  let rowsLeft = counts.reduce((sum, count) => sum + count, 0)
  let inBin = 0
  for (let i = 0; i < values.length; i++) {
    inBin += counts[i]!
    if (i === values.length - 1) cuts.push(Infinity)
    else if (closesBin(inBin, counts[i + 1]!, rowsLeft, most - cuts.length) || values.length <= most) {
      cuts.push(cutBetween(values[i]!, values[i + 1]!))
      rowsLeft -= inBin
      inBin = 0
    }
  }
  return Float32Array.from(cuts)
}

/** Whether to close here is nearer to an even share of the rows left than to take the next value in as well. */
function closesBin(inBin: number, next: number, rowsLeft: number, binsLeft: number): boolean {
  return binsLeft > 1 && inBin + next / 2 >= rowsLeft / binsLeft
}

function distinctValues(sorted: Float32Array): { readonly values: number[]; readonly counts: number[] } {
  const values: number[] = []
  const counts: number[] = []
  for (const value of sorted) {
    if (Number.isNaN(value)) break
    if (values.length > 0 && values.at(-1) === value) counts[counts.length - 1]!++
    else {
      values.push(value)
      counts.push(1)
    }
  }
  return { values, counts }
}

/** The middle, as the float32 value that `low` does not exceed and `high` does. */
function cutBetween(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2)
  return middle >= low && middle < high ? middle : low
}

/** The first bin whose upper end is not below `x`. */
function codeOf(cuts: Float32Array, x: number): number {
  if (x !== x) return cuts.length
  let low = 0
  let high = cuts.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (x <= cuts[middle]!) high = middle
    else low = middle + 1
  }
  return low
}
