import { stateTopicNames, topicNames } from '@raison/events'
import { z } from 'zod'

const defaults = { ...topicNames, ...stateTopicNames }

export type TopicKey = keyof typeof topicNames | keyof typeof stateTopicNames
/** The topics of all services, as their files name them. */
export type Topics = Readonly<Record<TopicKey, string>>

const variables: Readonly<Record<TopicKey, string>> = {
  decisions: 'RAISON_TOPIC_DECISIONS',
  explained: 'RAISON_TOPIC_EXPLAINED',
  quarantined: 'RAISON_TOPIC_QUARANTINED',
  windows: 'RAISON_TOPIC_WINDOWS',
  windowsState: 'RAISON_TOPIC_WINDOWS_STATE',
  drift: 'RAISON_TOPIC_DRIFT',
  driftState: 'RAISON_TOPIC_DRIFT_STATE',
}

export const allTopics: readonly TopicKey[] = Object.keys(variables) as TopicKey[]

/** The names of these topics, each another one; what is not said is the contract's. */
export function topicsShape<Key extends TopicKey>(keys: readonly Key[]): z.ZodType<Pick<Topics, Key>> {
  const names = Object.fromEntries(keys.map((key) => [key, z.string().min(1).default(defaults[key])]))
  return z
    .strictObject(names)
    .refine((topics) => new Set(Object.values(topics)).size === keys.length, 'are different topics')
    .prefault({}) as unknown as z.ZodType<Pick<Topics, Key>>
}

/** The variables that name them, as `readConfigBy` takes variables. */
export function topicVariables(keys: readonly TopicKey[]): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [variables[key], `topics.${key}`]))
}
