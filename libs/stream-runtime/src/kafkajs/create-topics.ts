import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'

const withinMs = 30_000

/** Creates those that are not there, and waits until all have leaders: kafkajs's own wait fails where the broker asked does not know of a new topic yet. */
export async function createTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  if (topics.length === 0) return
  await admin.createTopics({ topics: [...topics], waitForLeaders: false })
  const names = topics.map(({ topic }) => topic)
  const deadline = performance.now() + withinMs
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: names })
      return
    } catch (error) {
      if ((error as { retriable?: boolean }).retriable !== true || performance.now() > deadline) throw error
      await sleep(100)
    }
  }
}
