import { createTestTopics } from '@raison/test-kit'
import { expect, inject, onTestFinished, test } from 'vitest'
import { api, openProxy } from '../faults/kafka-proxy.ts'
import { fillQuarantine } from '../fill-quarantine.ts'
import { raiseAlarm } from '../raise-alarm.ts'
import { readRecords } from '../read-records.ts'
import { platformEnvironment, runRaison, type Run } from '../run-raison.ts'
import { pointTo } from './point-to.ts'

const brokers = inject('kafkaBrokers').split(',')
const lost = {
  status: 2,
  stderr: expect.stringMatching(/^raison: BROKER_UNREACHABLE: the broker was lost .*: check that it runs, .*\n$/),
}

/** Runs the command with a broker that is gone from the nth such request on; of those that name something, if that is said. */
async function runUntil(args: readonly string[], request: keyof typeof api, nth = 1, naming = ''): Promise<Run> {
  const proxy = await openProxy()
  onTestFinished(() => proxy.close())
  proxy.target = Number(brokers[0]!.split(':')[1])
  let requests = 0
  proxy.meddle = ({ kind, api: key, bytes }) => {
    if (kind === 'response' && (key === api.metadata || key === api.findCoordinator))
      pointTo(bytes, proxy.target, proxy.port)
    if (kind === 'request' && key === api[request] && bytes.includes(naming) && ++requests === nth) proxy.refuse(true)
    return requests < nth ? 'pass' : 'cut'
  }
  const KAFKA_BROKERS = `127.0.0.1:${proxy.port}`
  // A topic that no other test has made: `topics --create` has something to create.
  const run = await runRaison(args, '', { ...platformEnvironment(), KAFKA_BROKERS, RAISON_TOPIC_DECISIONS: 'not.made' })
  expect(requests).toBe(nth)
  return run
}

// They were internal errors, to be reported; and a reader whose broker stayed away never ended.
test.each([
  ['topics --create', 'createTopics'],
  ['quarantine list --topic ASIDE', 'listOffsets'],
  ['quarantine list --topic ASIDE', 'findCoordinator'],
  ['quarantine list --topic ASIDE', 'joinGroup'],
  ['quarantine list --topic ASIDE', 'fetch'],
  ['quarantine show 0/0 --topic ASIDE', 'fetch'],
  ['drift alarms --topic DRIFT', 'fetch'],
  ['drift ack a-30 --topic DRIFT --windows-topic WINDOWS', 'produce'],
  ['drift clear a-30 --topic DRIFT --windows-topic WINDOWS', 'initProducerId'],
] as const)('raison %s, whose broker is lost at %s, says so and the way out', async (command, request) => {
  const { aside, drift, windows } = await createTestTopics(brokers, { aside: 1, drift: 1, windows: 1 })
  await fillQuarantine(aside, [{}])
  await raiseAlarm(drift, 'a-30')
  const topics: Readonly<Record<string, string>> = { ASIDE: aside, DRIFT: drift, WINDOWS: windows }
  const args = command.split(' ').map((word) => topics[word] ?? word)
  expect(await runUntil(args, request)).toMatchObject(lost)
})

// The topic was then called missing, which `topics --create` would have had to create.
test('a broker that is lost as it is asked for a topic that it did not list has not said that there is none', async () => {
  const asked = await runUntil(['quarantine', 'list', '--topic', 'no.such'], 'metadata', 1, 'no.such')
  expect(asked).toMatchObject(lost)
})

test.each([
  ['produce', 3],
  ['endTxn', 2],
] as const)(
  'a replay whose broker is lost at %s %i says what it has replayed, and goes on when asked again',
  async (request, nth) => {
    const { aside, decisions } = await createTestTopics(brokers, { aside: 1, decisions: 1 })
    await fillQuarantine(aside, [{ topic: decisions }, { topic: decisions }, { topic: decisions }])
    const replayAll = ['quarantine', 'replay', '--all', '--yes', '--json', '--topic', aside]
    const cut = await runUntil(replayAll, request, nth)
    expect(cut).toMatchObject(lost)
    expect(JSON.parse(cut.stdout)).toEqual({ dryRun: false, replayed: ['0/0'], left: 2 })

    const again = await runRaison(replayAll, '', platformEnvironment())
    expect(JSON.parse(again.stdout)).toEqual({ dryRun: false, replayed: ['0/1', '0/2'], left: 0 })
    const sent = await readRecords(brokers, decisions)
    expect(sent.map(({ headers }) => headers!['raison-replay-of']!.toString())).toEqual(
      ['0', '1', '2'].map((offset) => `${decisions}/0/${offset}`),
    )
  },
)
