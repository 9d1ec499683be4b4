import { expect, inject, test } from 'vitest'
import { createTestTopics } from './topics.ts'

const brokers = inject('kafkaBrokers').split(',')

test('two topics of one name do not meet', async () => {
  const first = await createTestTopics(brokers, { in: 1 })
  const second = await createTestTopics(brokers, { in: 1 })
  expect(first.in).not.toBe(second.in)
})

test('the registry of the run answers', async () => {
  expect((await fetch(`${inject('schemaRegistryUrl')}/subjects`)).ok).toBe(true)
})
