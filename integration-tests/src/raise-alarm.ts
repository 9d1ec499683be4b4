import { createDriftSignalEncoder, registerSchemas, type DriftSignal } from '@raison/events'
import { inject } from 'vitest'
import { sendRecords } from './stream-input.ts'

/** Says that this alarm was raised, as the drift monitor does. */
export async function raiseAlarm(topic: string, alarmId: string): Promise<void> {
  const registry = { url: inject('schemaRegistryUrl') }
  const encode = createDriftSignalEncoder(await registerSchemas(registry, { drift: topic }))
  const value = encode({ ...raised, alarmId })
  await sendRecords(inject('kafkaBrokers').split(','), topic, [{ key: alarmId, partition: 0, value }])
}

const raised: Omit<DriftSignal, 'alarmId'> = {
  state: 'raised',
  severity: 'warning',
  kind: 'contributions',
  slice: '',
  modelName: 'loans',
  modelVersion: '1',
  comparedVersion: '',
  baselineKey: 'key',
  changes: [],
  evidence: 1e4,
  averageRunLength: 2000,
  window: 30,
  sinceWindow: 29,
  since: '',
  explanations: 250,
  partial: false,
  from: '',
  until: '',
  decisionIds: [],
  link: '',
  by: '',
  note: '',
  at: '2026-11-22T10:00:00Z',
  softwareVersion: '',
}
