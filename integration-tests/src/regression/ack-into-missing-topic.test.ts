import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { raiseAlarm } from '../raise-alarm.ts'
import { platformEnvironment, runRaison } from '../run-raison.ts'

const brokers = inject('kafkaBrokers').split(',')

// It had registered the schema of a topic that is not there, and then failed as an internal error.
test('a word on an alarm for a topic that is missing is refused by name, and leaves no schema', async () => {
  const { drift } = await createTestTopics(brokers, { drift: 1 })
  await raiseAlarm(drift, 'a-30')
  const typo = `${drift}.typo`
  const args = ['drift', 'ack', 'a-30', '--topic', drift, '--windows-topic', typo]
  const refused = { status: 2, stderr: expect.stringContaining(`TOPIC_MISSING: no topic ${typo}`) }
  expect(await runRaison(args, '', platformEnvironment())).toMatchObject(refused)
  const subjects = (await (await fetch(`${inject('schemaRegistryUrl')}/subjects`)).json()) as string[]
  expect(subjects.filter((subject) => subject.startsWith(typo))).toEqual([])
})
