import { setTimeout as sleep } from 'node:timers/promises'
import kafkajs, { type Admin } from 'kafkajs'
import type { TopicPartition } from '../kafka-port.ts'
import { StreamError } from '../stream-error.ts'
import type { Coordinators } from './coordinators.ts'
import { orTrouble } from './kafka-trouble.ts'
import { errorType, missingRight } from './missing-right.ts'
import { refusedConnection } from './refused-connection.ts'

/**
 * Connects and asks, again for as long as a broker is in trouble, with the client's own backoff in between; false when the signal came
 * first. Throws BROKER_REFUSED and BROKER_UNTRUSTED, and what `ask` throws but KAFKA_TROUBLE.
 */
export async function reachBroker(
  admin: Admin,
  brokers: readonly string[],
  ask: () => Promise<void>,
  onFailure: (error: Error) => void,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    try {
      await admin.connect()
      await admin.listTopics()
      await ask()
      return true
    } catch (error) {
      const refusal = refusedConnection(error, brokers)
      if (refusal !== undefined) throw refusal
      if (error instanceof StreamError && error.code !== 'KAFKA_TROUBLE') throw error
      onFailure(error as Error)
      await sleep(1000, undefined, { signal }).catch(() => undefined)
    }
  }
  return false
}

/** Throws StreamError TOPIC_MISSING with all that are missing, and RIGHT_MISSING of one that this login must not see. */
export async function checkTopics(admin: Admin, topics: readonly string[]): Promise<void> {
  const existing = await visibleTopics(admin, topics)
  const missing = topics.filter((topic) => !existing.has(topic))
  if (missing.length === 0) return
  throw new StreamError(
    'TOPIC_MISSING',
    `no topic ${missing.join(', ')} on this cluster: create it (raison topics --create), or correct its name`,
  )
}

/** By the broker's word, of a name that was asked for. */
const absent: ReadonlySet<string | undefined> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

/**
 * Those of the topics that exist. A list leaves out what a login must not see: then the broker is asked by name, and RIGHT_MISSING
 * thrown, or kafkajs's own error where it does not say whether a topic exists.
 */
export async function visibleTopics(admin: Admin, topics: readonly string[]): Promise<Set<string>> {
  const listed = new Set(await admin.listTopics())
  for (const topic of topics)
    if (!listed.has(topic))
      await admin.fetchTopicMetadata({ topics: [topic] }).catch((error: unknown) => {
        if (!absent.has(errorType(error))) throw missingRight(error, `looking for ${topic}`) ?? error
      })
  return new Set(topics.filter((topic) => listed.has(topic)))
}

export async function countPartitions(admin: Admin, topic: string): Promise<number> {
  const offsets = await orTrouble('counting partitions', () => admin.fetchTopicOffsets(topic))
  if (offsets.length === 0) throw new StreamError('KAFKA_TROUBLE', `${topic} has no partitions at the moment`)
  return offsets.length
}

/** The broker's own default, for a cluster that does not let its clients read topic configurations. */
const defaultMaxMessageBytes = 1_048_588
/** Room for the batch header and for the lengths and deltas of one record. */
const batchOverhead = 150

/** Largest record of each topic in bytes of key, value and headers, from its max.message.bytes. */
export async function readRecordLimits(
  admin: Admin,
  topics: readonly string[],
  warn: (topic: string, assumedBytes: number) => void,
): Promise<Map<string, number>> {
  const limits = topics.map(async (topic): Promise<[string, number]> => {
    const mostBytes = await readConfiguration(admin, topic, 'max.message.bytes')
    if (mostBytes === undefined) warn(topic, defaultMaxMessageBytes)
    return [topic, Number(mostBytes ?? defaultMaxMessageBytes) - batchOverhead]
  })
  return new Map(await Promise.all(limits))
}

/** A state in a topic that deletes by age is forgotten with it. Throws STATE_TOPIC_INVALID. */
export async function checkCompacted(admin: Admin, topic: string): Promise<void> {
  const policy = await readConfiguration(admin, topic, 'cleanup.policy')
  if (policy !== undefined && policy !== 'compact')
    throw new StreamError(
      'STATE_TOPIC_INVALID',
      `${topic} has cleanup.policy=${policy}, by which the state in it is forgotten in time: set it to compact`,
    )
}

/** Undefined where the cluster does not let its clients read configurations. */
async function readConfiguration(admin: Admin, topic: string, name: string): Promise<string | undefined> {
  const resources = [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }]
  const described = await orTrouble(`reading ${name} of ${topic}`, () =>
    admin.describeConfigs({ resources, includeSynonyms: false }).catch((error) => {
      if (errorType(error)?.endsWith('AUTHORIZATION_FAILED') !== true) throw error
    }),
  )
  return described?.resources[0]?.configEntries[0]?.configValue
}

/** The committed position, or the beginning of a partition that the group has never read. To be read once both ids are fenced. */
export async function readPosition(
  admin: Admin,
  coordinators: Pick<Coordinators, 'position'>,
  groupId: string,
  { topic, partition }: TopicPartition,
): Promise<string> {
  const [committed, bounds] = await orTrouble('reading the committed position', () =>
    Promise.all([coordinators.position({ topic, partition }), admin.fetchTopicOffsets(topic)]),
  )
  const bound = bounds.find((entry) => entry.partition === partition)
  if (committed === undefined || bound === undefined)
    throw new StreamError('KAFKA_TROUBLE', `${topic}-${partition} is not known to the broker at the moment`)
  if (committed === '-1') return bound.low
  if (BigInt(committed) >= BigInt(bound.low) && BigInt(committed) <= BigInt(bound.high)) return committed
  throw new StreamError(
    'POSITION_LOST',
    `group ${groupId} stands at ${committed} in ${topic}-${partition}, which holds ${bound.low} to ${bound.high}: ` +
      'records were deleted before they were read, or the topic was made anew; reset the offsets of the group to go on',
  )
}
