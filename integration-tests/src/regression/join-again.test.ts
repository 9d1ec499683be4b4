import { setTimeout as pause } from 'node:timers/promises'
import { openKafka, runBatches, type RawRecord } from '@raison/stream-runtime'
import { createTestTopics } from '@raison/test-kit'
import { Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { expect, inject, onTestFinished, test } from 'vitest'
import { api, openProxy, shortenTimeouts, type Frame } from '../faults/kafka-proxy.ts'
import { pointTo } from './point-to.ts'

const sessionMs = 6000

type Stage = 'member' | 'silent' | 'to join' | 'not joined' | 'member again'

/** A frame of the member's at a stage, which it may change; answers the next stage. */
type Meddle = (stage: Stage, frame: Frame) => Promise<Stage | 'cut'> | Stage | 'cut'

// A coordinator that died while an expelled explainer joined again left it without membership for two minutes, and its group
// with less.
test('a member that was expelled joins again although the coordinator cuts it off meanwhile', async () => {
  await loseMembership(async (stage, { kind, api: key }) => {
    if (stage === 'silent' && kind === 'request' && key === api.heartbeat) {
      await pause(sessionMs + 1000)
      return 'to join'
    }
    return stage === 'to join' && kind === 'request' && key === api.joinGroup ? 'cut' : stage
  })
})

// A coordinator that took over while it was loading left an explainer in its old generation, with no partition to work on.
test('a member whose coordinator has moved joins the new one although that is loading at first', async () => {
  await loseMembership((stage, frame) => {
    const { kind, api: key, bytes } = frame
    if (stage === 'silent' && kind === 'response' && key === api.heartbeat) {
      bytes.writeInt16BE(notCoordinator, afterThrottle)
      return 'to join'
    }
    if (stage !== 'to join' || key !== api.joinGroup) return stage
    // What a broker refuses leaves the group as it is.
    if (kind === 'request') shortenTimeouts(frame, 1, 1)
    else bytes.writeInt16BE(loading, afterThrottle)
    return kind === 'request' ? stage : 'not joined'
  })
})

const [loading, notCoordinator] = [14, 16]
/** Where heartbeats' and joins' answers have their error: behind correlation id and throttle time. */
const afterThrottle = 8

/** A member that takes a record, loses its membership as `meddle` says, and takes another one once it has it again. */
async function loseMembership(meddle: Meddle): Promise<void> {
  const [broker] = inject('kafkaBrokers').split(',')
  const { input, output } = await createTestTopics([broker!], { input: 1, output: 1 })
  const proxy = await openProxy()
  onTestFinished(() => proxy.close())
  proxy.target = Number(broker!.split(':')[1])
  let stage: Stage = 'member'
  proxy.meddle = async (frame): Promise<'pass' | 'cut'> => {
    const { kind, api: key, bytes } = frame
    if (kind === 'response' && (key === api.metadata || key === api.findCoordinator))
      pointTo(bytes, proxy.target, proxy.port)
    if (stage === 'not joined' && kind === 'response' && key === api.heartbeat) stage = 'member again'
    const next = await meddle(stage, frame)
    stage = next === 'cut' ? 'not joined' : next
    return next === 'cut' ? 'cut' : 'pass'
  }

  const taken: string[] = []
  const take = async (records: readonly RawRecord[]) => {
    taken.push(...records.map(({ value }) => value!.toString()))
    return { outputs: [], quarantined: 0, quarantinedByCode: new Map() }
  }
  const log = pino({ level: 'silent' })
  const kafka = { brokers: [`127.0.0.1:${proxy.port}`], clientId: 'member' }
  const topics = { inputTopics: [input], outputTopics: [output] }
  const port = openKafka({ kafka, groupId: `group-${input}`, ...topics, sessionTimeoutMs: sessionMs }, log)
  const run = runBatches(take, port, { logger: log })
  run.done.catch(() => undefined)
  onTestFinished(() => run.stop())

  const producer = new Kafka({ brokers: [broker!], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const send = (value: string) => producer.send({ topic: input, messages: [{ value }] })
  await send('before')
  while (!taken.includes('before')) await pause(50)
  stage = 'silent'
  while ((stage as Stage) !== 'member again') await pause(50)
  await send('after')
  await producer.disconnect()
  while (!taken.includes('after')) await pause(50)
  expect(new Set(taken)).toEqual(new Set(['before', 'after']))
}
