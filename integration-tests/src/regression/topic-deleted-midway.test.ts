import { createTestTopics } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { api, openProxy, type Verdict } from '../faults/kafka-proxy.ts'
import { fillQuarantine } from '../fill-quarantine.ts'
import { openClient } from '../open-client.ts'
import { raiseAlarm } from '../raise-alarm.ts'
import { platformEnvironment, runRaison, type Run } from '../run-raison.ts'
import { pointTo } from './point-to.ts'

const brokers = inject('kafkaBrokers').split(',')

/** Runs the command, and deletes the topic when it first comes to such a request. */
async function runWhileDeleting(topic: string, args: readonly string[], request: keyof typeof api): Promise<Run> {
  const proxy = await openProxy()
  onTestFinished(() => proxy.close())
  proxy.target = Number(brokers[0]!.split(':')[1])
  let deleted: Promise<void> | undefined
  proxy.meddle = async ({ kind, api: key, bytes }): Promise<Verdict> => {
    if (kind === 'response' && (key === api.metadata || key === api.findCoordinator))
      pointTo(bytes, proxy.target, proxy.port)
    if (kind === 'request' && key === api[request]) await (deleted ??= deleteTopic(topic))
    return 'pass'
  }
  const run = await runRaison(args, '', { ...platformEnvironment(), KAFKA_BROKERS: `127.0.0.1:${proxy.port}` })
  expect(deleted).toBeDefined()
  return run
}

async function deleteTopic(topic: string): Promise<void> {
  const admin = openClient(brokers).admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
}

// The broker was called lost, which was there all the time.
test.each([
  ['quarantine list --topic ASIDE', 'ASIDE', 'listOffsets'],
  ['quarantine list --topic ASIDE', 'ASIDE', 'fetch'],
  ['drift ack a-30 --topic DRIFT --windows-topic WINDOWS', 'WINDOWS', 'produce'],
] as const)('raison %s, whose %s is deleted at %s, says that it is missing', async (command, gone, request) => {
  const { aside, drift, windows } = await createTestTopics(brokers, { aside: 1, drift: 1, windows: 1 })
  await fillQuarantine(aside, [{}])
  await raiseAlarm(drift, 'a-30')
  const topics: Readonly<Record<string, string>> = { ASIDE: aside, DRIFT: drift, WINDOWS: windows }
  const args = command.split(' ').map((word) => topics[word] ?? word)
  expect(await runWhileDeleting(topics[gone]!, args, request)).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^raison: TOPIC_MISSING: a topic was deleted .*: create it .*\n$/),
  })
})
