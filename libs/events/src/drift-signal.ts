import type { MonitoredKind } from './monitor-input.ts'

/** The reasons of the decisions have changed, or an alarm about it its state. Mirrors schemas/drift-signal.avsc. */
export interface DriftSignal {
  readonly alarmId: string
  readonly state: SignalState
  readonly severity: Severity
  readonly kind: MonitoredKind
  /** Empty: all decisions. */
  readonly slice: string
  readonly modelName: string
  readonly modelVersion: string
  /** The version before, where two are compared. */
  readonly comparedVersion: string
  readonly baselineKey: string
  /** The most responsible first. */
  readonly changes: readonly FeatureDrift[]
  readonly evidence: number
  readonly averageRunLength: number
  readonly window: number
  readonly sinceWindow: number
  /** Of decidedAt; empty where it is not known. */
  readonly since: string
  readonly explanations: number
  /** A partition was idle, and the window was closed without the rest of its part. */
  readonly partial: boolean
  readonly from: string
  readonly until: string
  readonly decisionIds: readonly string[]
  readonly link: string
  readonly by: string
  readonly note: string
  readonly at: string
  readonly softwareVersion: string
}

export type SignalState = 'raised' | 'acknowledged' | 'cleared' | 'compared'
export type Severity = 'info' | 'warning' | 'critical'

export interface FeatureDrift {
  readonly feature: string
  readonly statistic: string
  readonly direction: string
  /** Means in the reference and in the window. */
  readonly before: number
  readonly now: number
  readonly evidence: number
  readonly sinceWindow: number
}
