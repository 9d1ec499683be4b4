/** The buckets of one ADWIN window: `[row][bucket]`, each of 2^row values; the newest row first, the oldest bucket of a row first. */
export interface AdwinState {
  readonly count: number
  readonly rows: readonly (readonly Bucket[])[]
}

interface Bucket {
  readonly sum: number
  readonly squares: number
}

export interface AdwinOptions {
  /** Chance of a false cut at one test. */
  readonly delta: number
  /** Values between two tests. */
  readonly clock: number
}

// All numbers are those of MOA and River.
export const adwinDefaults: AdwinOptions = { delta: 0.002, clock: 32 }
/** Of a row, before its two oldest become one of the next row. */
const mostBuckets = 5
/** On either side of a cut. */
const leastValues = 5
/** Values before the first cut. */
const grace = 10

export const adwinStart: AdwinState = { count: 0, rows: [] }

export interface AdwinStep {
  readonly state: AdwinState
  /** The direction of the mean's change when the older part of the window was cut off. */
  readonly cut: 'up' | 'down' | undefined
}

/** Takes in one value: ADWIN of Bifet & Gavaldà (2007), kept for comparison. */
export function adwin(state: AdwinState, value: number, options: AdwinOptions = adwinDefaults): AdwinStep {
  const count = state.count + 1
  let rows = compress(state.rows, { sum: value, squares: value * value })
  let cut: AdwinStep['cut']
  for (let found; count % options.clock === 0 && (found = findCut(rows, options.delta)) !== undefined;) {
    cut = found
    rows = dropOldest(rows)
  }
  return { state: { count, rows }, cut }
}

function compress(rows: readonly (readonly Bucket[])[], newest: Bucket): (readonly Bucket[])[] {
  const all = [[...(rows[0] ?? []), newest], ...rows.slice(1)]
  for (let i = 0; i < all.length && all[i]!.length > mostBuckets; i++) {
    const [one, other, ...rest] = all[i]!
    all[i] = rest
    all[i + 1] = [...(all[i + 1] ?? []), { sum: one!.sum + other!.sum, squares: one!.squares + other!.squares }]
  }
  return all
}

/** Where the older values differ in mean from the newer ones by more than chance allows. */
function findCut(rows: readonly (readonly Bucket[])[], delta: number): 'up' | 'down' | undefined {
  const oldestFirst = rows
    .flatMap((row, i) => row.toReversed().map((bucket) => ({ ...bucket, size: 2 ** i })))
    .toReversed()
  const add = (key: 'sum' | 'squares' | 'size') => oldestFirst.reduce((sum, bucket) => sum + bucket[key], 0)
  const [n, sum] = [add('size'), add('sum')]
  if (n <= grace) return undefined
  const variance = Math.max(add('squares') / n - (sum / n) ** 2, 0)
  const logTerm = Math.log((2 * Math.log(n)) / delta)
  let [older, olderSum] = [0, 0]
  for (const bucket of oldestFirst) {
    older += bucket.size
    olderSum += bucket.sum
    const newer = n - older
    if (newer < leastValues) return undefined
    if (older < leastValues) continue
    const m = 1 / (older - leastValues + 1) + 1 / (newer - leastValues + 1)
    const change = (sum - olderSum) / newer - olderSum / older
    if (Math.abs(change) > Math.sqrt(2 * m * variance * logTerm) + (2 / 3) * logTerm * m)
      return change > 0 ? 'up' : 'down'
  }
  return undefined
}

function dropOldest(rows: readonly (readonly Bucket[])[]): (readonly Bucket[])[] {
  const last = rows.findLastIndex((row) => row.length > 0)
  return rows.slice(0, last + 1).map((row, i) => (i === last ? row.slice(1) : row))
}
