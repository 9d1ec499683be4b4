import { pino } from 'pino'
import { expect, test } from 'vitest'
import { healthOf } from './health.ts'
import { serveHealth } from './health-server.ts'
import type { GroupListener, KafkaPort } from './kafka-port.ts'
import type { Processor } from './processor.ts'
import { newRunStatus } from './run-status.ts'
import { runProcessor } from './run-processor.ts'
import { StreamError } from './stream-error.ts'

test('readiness is given or refused with its reason', () => {
  const status = newRunStatus(0)
  expect(healthOf(status, 0)).toMatchObject({ live: true, ready: false, reason: 'not in the consumer group yet' })
  status.joined = true
  expect(healthOf(status, 0)).toMatchObject({ live: true, ready: true })
  expect(healthOf(status, 20_000).reason).toBe('the broker has been silent for 20 s')
  status.partitions = [
    { topic: 't', partition: 2, stage: 'recovering', position: undefined, lag: undefined, lastProgress: 0 },
  ]
  expect(healthOf(status, 0)).toMatchObject({ live: true, ready: false, reason: 't-2 is recovering' })
  status.failure = new Error('boom')
  expect(healthOf(status, 0)).toMatchObject({ live: false, ready: false, reason: 'failed: boom' })
})

test('a partition whose batch is not committed for a minute is a problem and not ready; one that waits for records is neither', () => {
  const status = newRunStatus(0)
  status.joined = true
  status.lastSeen = 61_000
  const idle = { topic: 't', partition: 0, stage: 'waiting', position: '7', lag: 0, lastProgress: 0 } as const
  status.partitions = [idle, { ...idle, partition: 1, inWork: { next: '9', since: 1000 } }]
  expect(healthOf(status, 61_000)).toMatchObject({ ready: true, problems: [] })
  const message = 't-1 has not moved from offset 7 for 60 s (waiting): see the log'
  expect(healthOf(status, 61_001)).toMatchObject({
    live: true,
    ready: false,
    reason: message,
    problems: [{ code: 'PARTITION_STUCK', message }],
  })
})

test('a partition that lacks a right is a problem and not ready', () => {
  const status = newRunStatus(0)
  status.joined = true
  const refused = { message: 'grant it', stage: 'opening' } as const
  status.partitions = [
    { topic: 't', partition: 1, stage: 'opening', position: undefined, lag: undefined, lastProgress: 0, refused },
  ]
  const message = 't-1: grant it'
  const problems = [{ code: 'RIGHT_MISSING', message }]
  expect(healthOf(status, 1000)).toMatchObject({ live: true, ready: false, reason: message, problems })
})

test('a login that is no longer let in is a problem and not ready', () => {
  const status = newRunStatus(0)
  status.refused = new StreamError('BROKER_REFUSED', 'check the password')
  const problems = [{ code: 'BROKER_REFUSED', message: 'check the password' }]
  expect(healthOf(status, 0)).toMatchObject({ live: true, ready: false, reason: 'check the password', problems })
})

test('the endpoint answers live and ready apart, on the loopback', async () => {
  const health = { live: true, ready: false, reason: 'not yet', partitions: [], problems: [] }
  const server = await serveHealth(() => health, 0)
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
  const live = await get('/health/live')
  expect([live.status, await live.json()]).toEqual([200, health])
  expect((await get('/health/ready')).status).toBe(503)
  expect((await get('/')).status).toBe(404)
  await server.close()
})

const noRefusal = (): void => undefined
test.each([
  ['goes silent', 'STALLED', noRefusal],
  [
    'is not let in again',
    'BROKER_REFUSED',
    (listener: GroupListener) => listener.refused(new StreamError('BROKER_REFUSED', 'check the password')),
  ],
])('a client that has joined and then %s fails the run by name', async (_, code, then) => {
  const processor = { isPoison: () => false } as unknown as Processor<string, string>
  const silentClient: KafkaPort = {
    start: async (listener) => {
      listener.assigned([])
      then(listener)
    },
    open: () => Promise.reject(new Error('nothing is assigned')),
    confirmMembership: async () => undefined,
    readTable: async () => new Map(),
    countPartitions: async () => 1,
    recordLimits: () => new Map(),
    stop: async () => undefined,
  }
  const run = runProcessor(processor, silentClient, { logger: pino({ level: 'silent' }), stallTimeoutMs: 10 })
  await expect(run.done).rejects.toMatchObject({ code })
  expect(run.health().live).toBe(false)
})
