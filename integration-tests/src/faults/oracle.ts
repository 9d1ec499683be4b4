import type { ReadMessage } from '@raison/stream-runtime'
import { Kafka, logLevel } from 'kafkajs'
import { readRecords } from '../read-records.ts'
import { allEnded } from './all-ended.ts'

export interface Topics {
  readonly decisions: string
  readonly explained: string
  readonly quarantined: string
}

export interface Verdict {
  readonly decisions: number
  readonly explained: number
  readonly quarantined: number
  /** Source positions without an output. */
  readonly lost: number
  /** Which, the first hundred. */
  readonly losses: readonly string[]
  /** Outputs beyond the first of a source position, and outputs of none. */
  readonly doubled: number
  /** Which: the source, and where and when the output was written. */
  readonly doubles: readonly string[]
  readonly outOfOrder: number
  /** Records that the group's committed offsets have not passed. */
  readonly behind: number
}

/** What the topics hold, read committed, after everything has stopped. The input is what lies in the decisions topic, however it got there. */
export async function judge(brokers: readonly string[], group: string, topics: Topics): Promise<Verdict> {
  await allEnded(brokers, [topics.explained, topics.quarantined])
  const [explained, quarantined] = await Promise.all([
    readRecords(brokers, topics.explained),
    readRecords(brokers, topics.quarantined),
  ])
  const unseen = new Set<string>()
  const { ends, behind } = await readProgress(brokers, group, topics.decisions)
  ends.forEach((end, partition) => {
    for (let offset = 0; offset < end; offset++) unseen.add(`${topics.decisions}/${partition}/${offset}`)
  })
  const decisions = unseen.size
  const doubles = [...explained, ...quarantined].filter((record) => !unseen.delete(sourceOf(record))).map(describe)
  return {
    decisions,
    explained: explained.length,
    quarantined: quarantined.length,
    lost: unseen.size,
    losses: [...unseen].slice(0, 100),
    doubled: doubles.length,
    doubles,
    outOfOrder: outOfOrder(explained) + outOfOrder(quarantined),
    behind,
  }
}

export interface Progress {
  /** Per partition of the decisions, its end. The topic is written without transactions: it holds no control records. */
  readonly ends: ReadonlyMap<number, number>
  readonly behind: number
}

export async function readProgress(brokers: readonly string[], groupId: string, topic: string): Promise<Progress> {
  const admin = new Kafka({ clientId: 'oracle', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]))
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] })
    const positions = new Map(committed!.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    let behind = 0
    for (const [partition, end] of ends) behind += end - Math.max(0, positions.get(partition) ?? 0)
    return { ends, behind }
  } finally {
    await admin.disconnect()
  }
}

const sourceOf = ({ headers = {} }: ReadMessage): string => String(headers['raison-source'])

const describe = (record: ReadMessage): string =>
  `${sourceOf(record)} at ${record.partition}/${record.offset}, ${record.timestamp}`

/** Within an output partition, the records of each source partition lie in the order of their source offsets. */
function outOfOrder(records: readonly ReadMessage[]): number {
  const last = new Map<string, number>()
  return records.filter((record) => {
    const [, source, offset] = sourceOf(record).split('/')
    const lane = `${source} to ${record.partition}`
    const before = last.get(lane) ?? -1
    last.set(lane, Number(offset))
    return Number(offset) <= before
  }).length
}
