import type { WindowRows } from '@raison/events'

/** Where the partitions stand in the windows of a baseline. Times are when records were written, milliseconds since 1970. */
export interface Progress {
  /** Windows are spans of time: one without rows is none. */
  readonly timed: boolean
  /** The first window that is open. */
  next: number
  /** Since when some partition is through with `next`; undefined while none is. */
  waitingSince: number | undefined
  readonly standings: readonly Standing[]
}

interface Standing {
  /** It has been silent for too long, or is too far behind, and holds no window open until it speaks again. */
  idle: boolean
  /** Its number of a window plus this is ours: it grows when a partition was idle and comes back. */
  shift: number
  /** In our numbers. */
  closedBefore: number
  /** When it spoke last. */
  seenAt: number
}

export function newProgress(partitions: number, timed: boolean): Progress {
  const standings = Array.from({ length: partitions }, () => ({ idle: false, shift: 0, closedBefore: 0, seenAt: 0 }))
  return { timed, next: 0, waitingSince: undefined, standings }
}

/** Windows with rows that may wait for a partition that is slower than the others. */
const mostOpen = 100

/** A partition speaks: the window that its rows count in, or undefined where that has been closed without it. */
export function hear(
  { timed, next, standings }: Progress,
  { partition, window, closedBefore }: WindowRows,
  at: number,
): number | undefined {
  const standing = standings[partition]!
  if (!timed && window + standing.shift < next) standing.shift = next - window
  standing.closedBefore = Math.max(standing.closedBefore, closedBefore + standing.shift)
  standing.seenAt = at
  standing.idle = false
  return window + standing.shift < next ? undefined : window + standing.shift
}

/** The next window that every partition is through with, or idle; undefined when there is none. `open`: those with rows. */
export function closeNext(
  progress: Progress,
  open: ReadonlyMap<number, unknown>,
  now: number,
  idleAfterMs: number,
): number | undefined {
  // Those without rows are none: by number there are such only where others have written to the topic.
  progress.next = Math.max(progress.next, Math.min(...open.keys(), closedByAll(progress)))
  const { next, standings } = progress
  const isWaiting = standings.some(({ closedBefore }) => closedBefore > next)
  progress.waitingSince = isWaiting ? (progress.waitingSince ?? now) : undefined
  for (const standing of standings) {
    const silentSince = Math.max(standing.seenAt, progress.waitingSince ?? now)
    if (standing.closedBefore <= next && (open.size > mostOpen || now - silentSince >= idleAfterMs))
      standing.idle = true
  }
  if (closedByAll(progress) <= next) return undefined
  progress.next++
  progress.waitingSince = undefined
  return next
}

/** Some partition was idle, and is not through with this window. */
export function isPartial({ standings }: Progress, window: number): boolean {
  return standings.some(({ closedBefore }) => closedBefore <= window)
}

/** Windows below it are complete, but for partitions that are idle; the one that spoke last never is. */
function closedByAll({ standings }: Progress): number {
  return Math.min(...standings.filter(({ idle }) => !idle).map(({ closedBefore }) => closedBefore))
}
