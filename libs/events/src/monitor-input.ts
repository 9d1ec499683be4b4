/** What the drift monitor combines: one of the two. Mirrors schemas/monitor-input.avsc. */
export interface MonitorInput {
  readonly rows: WindowRows | undefined
  readonly command: AlarmCommand | undefined
}

/** Explanations of one partition that count in one window. */
export interface WindowRows {
  readonly baselineKey: string
  /** What windows and slices are made by, hashed. */
  readonly settings: string
  readonly kind: MonitoredKind
  readonly modelName: string
  readonly modelVersion: string
  readonly adverse: 'high' | 'low'
  readonly columns: readonly string[]
  readonly slices: readonly string[]
  readonly partitions: number
  readonly partition: number
  /** The window is a span of decidedAt, not a number of explanations. */
  readonly timed: boolean
  readonly window: number
  /** Nothing more comes from this partition for windows below this one. */
  readonly closedBefore: number
  /** Doubles, little-endian, row-major. */
  readonly rows: Buffer
  /** Per row the slices it belongs to: bit s for slice s. */
  readonly members: readonly number[]
  readonly decisionIds: readonly string[]
  /** Of decidedAt; empty without rows. */
  readonly from: string
  readonly until: string
  readonly softwareVersion: string
}

export type MonitoredKind = 'contributions' | 'quality'

export interface AlarmCommand {
  readonly action: AlarmAction
  readonly alarmId: string
  readonly by: string
  readonly note: string
  readonly at: string
}

export type AlarmAction = 'acknowledge' | 'clear' | 'relearn'
