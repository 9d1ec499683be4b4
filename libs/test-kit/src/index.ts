import './provided-context.ts'

export { createTestTopics } from './topics.ts'
