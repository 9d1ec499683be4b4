import { setTimeout as pause } from 'node:timers/promises'
import { openKafka, runBatches, type RawRecord } from '@raison/stream-runtime'
import { createTestTopics } from '@raison/test-kit'
import { Kafka, logLevel } from 'kafkajs'
import { pino } from 'pino'
import { expect, inject, onTestFinished, test } from 'vitest'
import { api, openProxy } from '../faults/kafka-proxy.ts'
import { pointTo } from './point-to.ts'

const sessionMs = 6000

// A coordinator that died while an expelled explainer joined again left it without membership for two minutes, and its group
// with less.
test('a member that was expelled joins again although the coordinator cuts it off meanwhile', async () => {
  const [broker] = inject('kafkaBrokers').split(',')
  const { input, output } = await createTestTopics([broker!], { input: 1, output: 1 })
  const proxy = await openProxy()
  onTestFinished(() => proxy.close())
  proxy.target = Number(broker!.split(':')[1])
  let stage: 'member' | 'silent' | 'expelled' | 'cut off' | 'member again' = 'member'
  proxy.meddle = async ({ kind, api: key, bytes }): Promise<'pass' | 'cut'> => {
    if (kind === 'response' && (key === api.metadata || key === api.findCoordinator))
      pointTo(bytes, proxy.target, proxy.port)
    if (stage === 'silent' && kind === 'request' && key === api.heartbeat) {
      await pause(sessionMs + 1000)
      stage = 'expelled'
    }
    if (stage === 'expelled' && kind === 'request' && key === api.joinGroup) {
      stage = 'cut off'
      return 'cut'
    }
    if (stage === 'cut off' && kind === 'response' && key === api.heartbeat) stage = 'member again'
    return 'pass'
  }

  const taken: string[] = []
  const take = async (records: readonly RawRecord[]) => {
    taken.push(...records.map(({ value }) => value!.toString()))
    return { outputs: [], quarantined: 0, quarantinedByCode: new Map() }
  }
  const log = pino({ level: 'silent' })
  const kafka = { brokers: [`127.0.0.1:${proxy.port}`], clientId: 'expelled' }
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
  while ((stage as string) !== 'member again') await pause(50)
  await send('after')
  await producer.disconnect()
  while (!taken.includes('after')) await pause(50)
  expect(new Set(taken)).toEqual(new Set(['before', 'after']))
})
