/** How many records a partition takes at once: as many as are prepared in about a second, so that a stop does not wait for more. */
export interface BatchPace {
  readonly size: number
  /** What the last batch took. */
  measured(records: number, ms: number): void
}

const batchMs = 1000
/** Nobody knows yet how long a record takes. */
const firstBatch = 100
const mostGrowth = 4

export function createPace(maxBatch: number): BatchPace {
  let size = Math.min(firstBatch, maxBatch)
  return {
    get size() {
      return size
    },
    measured(records, ms) {
      const inTime = Math.floor((records * batchMs) / Math.max(1, ms))
      size = Math.max(1, Math.min(inTime, size * mostGrowth, maxBatch))
    },
  }
}
