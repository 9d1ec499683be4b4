import './provided-context.ts'

export { createTestTopics, readTopic } from './topics.ts'
export type { TopicRecord } from './topics.ts'
