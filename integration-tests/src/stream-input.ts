import { setTimeout as pause } from 'node:timers/promises'
import { openClient, type ClusterOf } from './open-client.ts'
import { readRecords } from './read-records.ts'

export interface InputRecord {
  readonly key: string
  readonly partition?: number
  readonly value: Buffer
  readonly headers?: Record<string, string>
}

const chunk = 1000

/** Sends in order, each record once: a plain producer's own retries could double what they send. */
export async function sendRecords(cluster: ClusterOf, topic: string, records: readonly InputRecord[]): Promise<void> {
  const producer = openClient(cluster).producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let start = 0; start < records.length; start += chunk)
    await producer.send({ topic, messages: records.slice(start, start + chunk) })
  await producer.disconnect()
}

/** Resolves when the group has committed every record that the topic holds. */
export async function waitUntilConsumed(cluster: ClusterOf, groupId: string, topic: string): Promise<void> {
  const admin = openClient(cluster).admin()
  await admin.connect()
  // Of the records: ends of transactions may follow them, and nobody commits a position behind those alone.
  const ends = new Map(
    (await readRecords(cluster, topic)).map(({ partition, offset }) => [partition, Number(offset) + 1]),
  )
  const consumed = async (): Promise<boolean> => {
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] }).catch(noneWhileUnsettled)
    const position = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]))
    return [...ends].every(([partition, end]) => (position.get(partition) ?? -1) >= end)
  }
  while (!(await consumed())) await pause(250)
  await admin.disconnect()
}

/** A broker that has just started may not yet know who keeps the group's offsets; kafkajs does not ask again here. */
function noneWhileUnsettled(error: Error & { readonly retriable?: boolean }): [] {
  if (error.retriable === true) return []
  throw error
}
