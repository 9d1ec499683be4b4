/** Sums of the Page–Hinkley test, upward and downward, above their least. */
export interface PageHinkleyState {
  readonly count: number
  readonly mean: number
  readonly up: number
  readonly down: number
}

export interface PageHinkleyOptions {
  /** Change of the mean that is let pass, and the sum from which it is one. */
  readonly ignored: number
  readonly threshold: number
  /** Values before the first answer. */
  readonly grace: number
}

export const pageHinkleyStart: PageHinkleyState = { count: 0, mean: 0, up: 0, down: 0 }

export interface PageHinkleyStep {
  readonly state: PageHinkleyState
  readonly change: 'up' | 'down' | undefined
}

/** Takes in one value: the test of Page (1954) on both sides, kept for comparison. After a change it begins again. */
export function pageHinkley(
  { count, mean, up, down }: PageHinkleyState,
  value: number,
  { ignored, threshold, grace }: PageHinkleyOptions,
): PageHinkleyStep {
  const seen = count + 1
  const average = mean + (value - mean) / seen
  const state = {
    count: seen,
    mean: average,
    up: Math.max(up + (value - average) - ignored, 0),
    down: Math.max(down - (value - average) - ignored, 0),
  }
  if (seen <= grace || Math.max(state.up, state.down) <= threshold) return { state, change: undefined }
  return { state: pageHinkleyStart, change: state.up > state.down ? 'up' : 'down' }
}
