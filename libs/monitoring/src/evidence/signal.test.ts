import { fitValueBaseline, openWindow, update, type Responsible } from '@raison/drift'
import { expect, test } from 'vitest'
import { evidenceSettings } from '../explanations.test-data.ts'
import { signalOf, type Watched } from './signal.ts'

const columns = ['fidelity', 'review']
const watched: Watched = {
  baselineKey: 'key',
  settings: 'settings',
  kind: 'quality',
  slice: '',
  modelName: 'loans',
  modelVersion: '1',
  adverse: 'high',
  columns,
  together: 1,
}
const baseline = fitValueBaseline({
  names: columns,
  values: Float64Array.of(0.9, 0, 1, 1, 0.9, 0, 1, 0),
  tolerances: [0.01, 0.02],
})

test('an alarm is as severe as its leading change moved, whatever moved beside it', () => {
  const values = Float64Array.of(0.9, 1, 0.92, 1)
  const counted = openWindow(baseline.scale)
  for (let row = 0; row < 2; row++) update(counted, values, row)
  const window = { values, members: [0, 0], decisionIds: ['one', 'two'], from: '', until: '' }
  const moment = { number: 7, first: 0, begins: {}, partial: false, window, counted }

  const [fidelity, review] = columns.map((feature): Responsible => ({
    feature,
    slice: '',
    statistic: 'value',
    direction: 'up',
    evidence: 100,
    since: 7,
  })) as [Responsible, Responsible]
  const severityLedBy = (...features: readonly Responsible[]): string =>
    signalOf(watched, baseline, { window: 7, since: 7, evidence: 200, features }, moment, undefined, evidenceSettings)
      .severity

  expect([severityLedBy(fidelity, review), severityLedBy(review, fidelity)]).toEqual(['info', 'critical'])
})
