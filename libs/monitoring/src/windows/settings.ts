import { createHash } from 'node:crypto'
import type { SliceRule } from './slices.ts'

/** How explanations are counted. */
export interface CountSettings {
  readonly windows: CountedWindows | TimedWindows
  /** An explanation that comes again within so long, by decidedAt, counts once; one that comes later than that does not count. */
  readonly duplicatesWithinHours: number
  /** Explanations of a partition that are remembered for that, at most: the oldest are forgotten first. */
  readonly mostRemembered: number
  readonly slices: readonly SliceRule[]
  readonly softwareVersion: string
}

export interface CountedWindows {
  /** In a window, over all partitions: rounded up to a multiple of their number. */
  readonly explanations: number
}

export interface TimedWindows {
  /** Length, aligned to 1970. */
  readonly minutes: number
  /** A window is closed when decisions so much younger than its end have come. */
  readonly latenessMinutes: number
}

/**
 * What windows are made by, in 16 hex digits. Those of other settings have other numbers and members, those of other columns
 * other rows (the groups of a bundle may change while its model stays), and `about` tells apart what a baseline key does not.
 */
export function hashOfSettings({ windows, slices }: CountSettings, partitions: number, about: unknown): string {
  const made = JSON.stringify([windows, slices.map((rule) => Object.entries(rule).sort()), partitions, about])
  return createHash('sha256').update(made).digest('hex').slice(0, 16)
}
