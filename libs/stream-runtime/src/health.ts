import type { PartitionStatus, RunStatus } from './run-status.ts'

/** Of the runtime and of the services on it: docs/observability.md lists them all, and a test compares. */
export type ProblemCode =
  | 'PARTITION_STUCK'
  | 'RIGHT_MISSING'
  | 'BROKER_REFUSED'
  | 'BROKER_UNTRUSTED'
  | 'BUNDLE_REFUSED'
  | 'FIT_FAILED'
  | 'MODEL_UNKNOWN'
  | 'WEBHOOK_FAILING'

/** Something that needs a person. */
export interface Problem {
  readonly code: ProblemCode
  readonly message: string
}

export interface Health {
  /** False: the run has failed, only a restart helps. */
  readonly live: boolean
  /** True: in the group, the broker answers, every assigned partition is moving or waiting for records, none is stuck. */
  readonly ready: boolean
  /** Why it is not ready. */
  readonly reason: string | undefined
  readonly partitions: readonly Readonly<PartitionStatus>[]
  readonly problems: readonly Problem[]
}

/** Heartbeats come every second or so: so many milliseconds without one are more than a delay. */
const silenceMs = 10_000
/** A batch is made to take about a second. */
const stuckMs = 60_000

/** The health at `now`, milliseconds since 1970; its partitions are copies. */
export function healthOf(status: RunStatus, now: number): Health {
  const problems = [...findRefused(status), ...findStuck(status, now)]
  const reason = findReason(status, now, problems)
  return {
    live: status.failure === undefined,
    ready: reason === undefined,
    reason,
    partitions: status.partitions.map((partition) => ({ ...partition })),
    problems,
  }
}

function findRefused({ partitions, refused }: RunStatus): Problem[] {
  const code = refused?.code === 'BROKER_UNTRUSTED' ? refused.code : 'BROKER_REFUSED'
  const whole: Problem[] = refused === undefined ? [] : [{ code, message: refused.message }]
  const single = partitions.flatMap(({ topic, partition, refused }): Problem[] => {
    if (refused === undefined) return []
    return [{ code: 'RIGHT_MISSING', message: `${topic}-${partition}: ${refused.message}` }]
  })
  return [...whole, ...single]
}

function findStuck({ partitions }: RunStatus, now: number): Problem[] {
  return partitions.flatMap(({ topic, partition, stage, position, inWork }) => {
    if (inWork === undefined || now - inWork.since <= stuckMs) return []
    const seconds = Math.round((now - inWork.since) / 1000)
    const message = `${topic}-${partition} has not moved from offset ${position} for ${seconds} s (${stage}): see the log`
    return [{ code: 'PARTITION_STUCK', message }]
  })
}

function findReason(status: RunStatus, now: number, problems: readonly Problem[]): string | undefined {
  if (status.failure !== undefined) return `failed: ${status.failure.message}`
  if (status.stopping) return 'stopping'
  if (status.refused !== undefined) return status.refused.message
  if (!status.joined) return 'not in the consumer group yet'
  if (now - status.lastSeen > silenceMs)
    return `the broker has been silent for ${Math.round((now - status.lastSeen) / 1000)} s`
  if (problems[0] !== undefined) return problems[0].message
  const held = status.partitions.find(
    ({ stage }) => stage === 'opening' || stage === 'retrying' || stage === 'recovering',
  )
  return held && `${held.topic}-${held.partition} is ${held.stage}`
}
