import {
  createDriftSignalEncoder,
  createMonitoredDecoder,
  createMonitorInputDecoder,
  createMonitorInputEncoder,
} from '@raison/events'
import type { PartitionState, RawRecord, StatefulProcessor } from '@raison/stream-runtime'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { createEvidenceStage } from './evidence-stage.ts'
import { createWindowStage } from './window-stage.ts'

type Tell = (refused: ReadonlyMap<string, number>) => void

const registry = { url: 'http://localhost:8081' }
const config = readConfig({ KAFKA_BROKERS: 'localhost:9092', SCHEMA_REGISTRY_URL: registry.url })
const common = { settings: { ...config, softwareVersion: '0' }, topics: config.topics }

const windowStage = (tell: Tell): StatefulProcessor =>
  createWindowStage({
    ...common,
    decode: createMonitoredDecoder(registry),
    encode: createMonitorInputEncoder({ windows: 1 }),
    tell: ({ refused }) => tell(refused),
    tellEmpty: () => undefined,
  })

const evidenceStage = (tell: Tell): StatefulProcessor =>
  createEvidenceStage({
    ...common,
    decode: createMonitorInputDecoder(registry),
    encode: createDriftSignalEncoder({ drift: 1 }),
    findBaseline: () => undefined,
    opened: () => undefined,
    tell: (_, refused) => tell(refused),
  })

test.each([
  ['explanations', windowStage],
  ['windows', evidenceStage],
])('what came of a batch of %s is told when it is committed, and not when it is taken', async (_, openStage) => {
  const told: ReadonlyMap<string, number>[] = []
  const stage = openStage((refused) => void told.push(refused))
  const take = stage.open(newState(), { topic: 'in', partition: 0, partitions: 1 })
  await take([tombstone])
  const { onCommitted } = await take([tombstone, tombstone])
  expect(told).toEqual([])
  onCommitted!()
  expect(told).toEqual([new Map([['EVENT_NOT_AVRO', 2]])])
})

const place = { topic: 'in', partition: 0, offset: '0', timestamp: '0' }
const tombstone: RawRecord = { ...place, key: null, value: null, headers: {} }

function newState(): PartitionState {
  const values = new Map<string, Buffer>()
  return {
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, value),
    delete: (key) => void values.delete(key),
    keys: () => [...values.keys()].sort(),
  }
}
