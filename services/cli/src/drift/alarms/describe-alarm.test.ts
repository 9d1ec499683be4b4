import type { DriftSignal, FeatureDrift } from '@raison/events'
import { expect, test } from 'vitest'
import { describeAlarm } from './describe-alarm.ts'

const change: FeatureDrift = {
  feature: 'income',
  statistic: 'highest-tenth',
  direction: 'up',
  before: 0.1,
  now: 0.88,
  evidence: 2.2e52,
  sinceWindow: 30,
}
const signal: DriftSignal = {
  alarmId: 'a-30',
  state: 'raised',
  severity: 'critical',
  kind: 'contributions',
  slice: '',
  modelName: 'loans',
  modelVersion: '1',
  comparedVersion: '',
  baselineKey: '',
  changes: [change],
  evidence: 2.2e52,
  averageRunLength: 2000,
  window: 30,
  sinceWindow: 28,
  since: '2026-11-03T06:00:00.000Z',
  explanations: 100,
  partial: false,
  from: '2026-11-03T08:00:00.000Z',
  until: '2026-11-03T09:00:00.000Z',
  decisionIds: [],
  link: '',
  by: '',
  note: '',
  at: '2026-11-03T09:00:00.000Z',
  softwareVersion: '0',
}

test('what moved is said in the words of the report of files', () => {
  expect(describeAlarm(signal)).toContain('\n    ↑ income  among its highest values  0.100 → 0.880')
})

test('since when is said by the window and, where it is known, the time', () => {
  expect(describeAlarm(signal)).toContain('  since window 28 (2026-11-03T06:00:00.000Z), raised in 30 (2026-11-03T08')
  expect(describeAlarm({ ...signal, since: '' })).toContain('  since window 28, raised in 30 (2026-11-03T08')
})

test('what a newer monitor watches is said by its own name', () => {
  const newer = { ...signal, changes: [{ ...change, statistic: 'constructor' }] }
  expect(describeAlarm(newer)).toContain('\n    ↑ income  constructor  0.100 → 0.880')
})
