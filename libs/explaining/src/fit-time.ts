/** The time of one fit, in seconds: every stage ends by a share of the whole. */
export interface FitTime {
  spent(): number
  /** What is left until `share` of the whole is over; 0 afterwards. */
  until(share: number): number
}

/** `began` and `now` in milliseconds, from anywhere. Shares are of what is left at the call: what was spent by then is over. */
export function startTime(seconds: number, began: number, now: () => number): FitTime {
  const spent = (): number => (now() - began) / 1000
  const prepared = spent()
  const whole = seconds - prepared
  return { spent, until: (share) => Math.max(0, share * whole - (spent() - prepared)) }
}

/**
 * When the stages of a fit end, as shares of its time. Each takes what those before it have left; the last one leaves
 * something for writing the artefact.
 */
export const stageEnds = { hybrids: 0.22, training: 0.65, treesOnTop: 0.75, calibrating: 0.83, timing: 0.9 } as const

/** How many times what took so many seconds can be done in `seconds`; a clock may see no time pass. */
export function timesIn(seconds: number, taken: number): number {
  return seconds / Math.max(taken, Number.MIN_VALUE)
}
