import { ExplainError } from '@raison/explaining'

/** Remembers since when a model is missing, so that its decisions may wait for its bundle, for a bounded time. */
export interface Hold {
  /** True while a decision refused with this error may wait. */
  keeps(error: unknown): boolean
}

export function createHold(holdMs: number, now: () => number): Hold {
  const missingSince = new Map<string, number>()
  return {
    keeps(error) {
      if (holdMs === 0 || !(error instanceof ExplainError) || error.code !== 'MODEL_UNKNOWN') return false
      const since = missingSince.get(error.message) ?? now()
      missingSince.set(error.message, since)
      return now() - since < holdMs
    },
  }
}
