import { pino } from 'pino'
import { expect, test } from 'vitest'
import { healthOf } from './health.ts'
import { serveHealth } from './health-server.ts'
import type { KafkaPort } from './kafka-port.ts'
import type { Processor } from './processor.ts'
import { newRunStatus } from './run-status.ts'
import { runProcessor } from './run-processor.ts'

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

test('the endpoint answers live and ready apart, on the loopback', async () => {
  const health = { live: true, ready: false, reason: 'not yet', partitions: [] }
  const server = await serveHealth(() => health, 0)
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
  const live = await get('/health/live')
  expect([live.status, await live.json()]).toEqual([200, health])
  expect((await get('/health/ready')).status).toBe(503)
  expect((await get('/')).status).toBe(404)
  await server.close()
})

test('a client that has joined and then goes silent fails the run', async () => {
  const processor = { isPoison: () => false } as unknown as Processor<string, string>
  const silentClient: KafkaPort = {
    start: async (listener) => listener.assigned([]),
    open: () => Promise.reject(new Error('nothing is assigned')),
    confirmMembership: async () => undefined,
    recordLimits: () => new Map(),
    stop: async () => undefined,
  }
  const run = runProcessor(processor, silentClient, { logger: pino({ level: 'silent' }), stallTimeoutMs: 10 })
  await expect(run.done).rejects.toMatchObject({ code: 'STALLED' })
  expect(run.health().live).toBe(false)
})
