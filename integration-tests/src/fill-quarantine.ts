import { createQuarantineEncoder, registerSchemas, type QuarantinedRecord } from '@raison/events'
import { inject } from 'vitest'
import { sendRecords } from './stream-input.ts'

/** Sets records aside as the explainer does, in the order given, in partition 0 of the topic. */
export async function fillQuarantine(topic: string, records: readonly Partial<QuarantinedRecord>[]): Promise<void> {
  const registry = { url: inject('schemaRegistryUrl') }
  const encode = createQuarantineEncoder(await registerSchemas(registry, { quarantined: topic }))
  const filled = records.map((record, k) => ({
    key: String(k),
    partition: 0,
    value: encode({ ...aside, offset: k, ...record }),
  }))
  await sendRecords(inject('kafkaBrokers').split(','), topic, filled)
}

const aside: QuarantinedRecord = {
  topic: 'decisions.scored',
  partition: 0,
  offset: 0,
  key: Buffer.from('key'),
  value: Buffer.from('no Avro'),
  headers: {},
  stage: 'decode',
  code: 'EVENT_NOT_AVRO',
  message: 'no Avro',
  firstSeen: '2026-11-22T10:00:00Z',
}
