import type { Topics } from '@raison/service-kit'
import { StreamError } from '@raison/stream-runtime'
import kafkajs, { type Admin } from 'kafkajs'
import type { FoundTopic } from './kafka/describe-topics.ts'

/** By state topic the one that its stage reads: the state of a partition lies in the partition of the same number. */
export const inputOfState: Partial<Readonly<Record<keyof Topics, keyof Topics>>> = {
  windowsState: 'explained',
  driftState: 'windows',
}

/** Throws STATE_TOPIC_INVALID with all that the drift monitor would refuse, one after the other. */
export async function refuseUnfitStates(
  admin: Admin,
  names: Topics,
  found: ReadonlyMap<string, FoundTopic>,
): Promise<void> {
  const faults: string[] = []
  for (const [key, input] of Object.entries(inputOfState)) {
    const state = names[key as keyof Topics]
    const [own, needed] = [state, names[input]].map((topic) => found.get(topic)!.partitions) as [number, number]
    const policy = await cleanupPolicy(admin, state)
    if (own < needed) faults.push(`${state} has ${own} of the ${needed} partitions of ${names[input]}`)
    if (policy !== 'compact') faults.push(`${state} has cleanup.policy=${policy}`)
  }
  if (faults.length === 0) return
  throw new StreamError(
    'STATE_TOPIC_INVALID',
    `${faults.join('; ')}: a state needs as many partitions as the topic that is read, and cleanup.policy=compact`,
  )
}

async function cleanupPolicy(admin: Admin, topic: string): Promise<string | undefined> {
  const type = kafkajs.ConfigResourceTypes.TOPIC
  const resources = [{ type, name: topic, configNames: ['cleanup.policy'] }]
  const described = await admin.describeConfigs({ resources, includeSynonyms: false })
  return described.resources[0]?.configEntries[0]?.configValue
}
