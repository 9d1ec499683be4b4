import { createTestTopics } from '@raison/test-kit'
import { Kafka, logLevel } from 'kafkajs'
import { expect, inject, onTestFinished, test } from 'vitest'
import { api, openProxy } from '../faults/kafka-proxy.ts'
import { readRecords } from '../read-records.ts'
import { pointTo } from './point-to.ts'

const rebalanceInProgress = 27
/** kafkajs sends a heartbeat every 3 s unless told otherwise. */
const pastHeartbeatMs = 3200

// Whoever reads without committing begins anew when the group is joined anew: `raison quarantine replay --all` would have sent
// what it had read until then twice, and the oracle of the faults counted it as doubled.
test('a reader that has to join its group again is given no record twice', async () => {
  const [broker] = inject('kafkaBrokers').split(',')
  const { long } = await createTestTopics([broker!], { long: 1 })
  const producer = new Kafka({ brokers: [broker!], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  // More than one fetch: a fetch takes 1 MiB of a partition.
  const values = Array.from({ length: 3000 }, (_, i) => `${i}`.padEnd(1000))
  for (let start = 0; start < values.length; start += 500)
    await producer.send({ topic: long, messages: values.slice(start, start + 500).map((value) => ({ value })) })
  await producer.disconnect()

  const proxy = await openProxy()
  onTestFinished(() => proxy.close())
  proxy.target = Number(broker!.split(':')[1])
  let fetched = 0
  let rejoined = 0
  proxy.meddle = async ({ kind, api: key, version, bytes }): Promise<'pass'> => {
    if (kind === 'response' && (key === api.metadata || key === api.findCoordinator))
      pointTo(bytes, proxy.target, proxy.port)
    if (kind !== 'response') return 'pass'
    if (key === api.fetch && bytes.length > 500_000 && ++fetched === 2)
      await new Promise((resolve) => setTimeout(resolve, pastHeartbeatMs))
    if (key === api.heartbeat && fetched === 2 && rejoined++ === 0)
      bytes.writeInt16BE(rebalanceInProgress, version > 0 ? 8 : 4)
    return 'pass'
  }

  const records = await readRecords([`127.0.0.1:${proxy.port}`], long)
  expect(rejoined).toBeGreaterThan(0)
  expect(records.map(({ value }) => value!.toString())).toEqual(values)
})
