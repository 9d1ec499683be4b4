import type { MonitoredExplanation } from '@raison/events'
import { describe, expect, it } from 'vitest'
import { explanations } from '../explanations.test-data.ts'
import { checkSlices, type SliceRule } from '../index.ts'

const north: SliceRule = { name: 'north', feature: 'region', equals: 'north' }
const young: SliceRule = { name: 'young', feature: 'âge', below: 5 }
const of = (change: Partial<MonitoredExplanation> = {}): MonitoredExplanation =>
  explanations({ count: 1, change: () => change })[0]!.explanation
const withValue = (value: MonitoredExplanation['contributions'][number]['value'], feature = 'region') =>
  of({ contributions: [{ feature, value, contribution: 1, interval: undefined }] })
const reasons = (rule: SliceRule, explanation: MonitoredExplanation): string[] =>
  checkSlices([rule])(explanation).map(({ reason }) => reason)

describe('a slice', () => {
  it('whose feature a model does not have is told once for that model, with the features that there are', () => {
    const find = checkSlices([north, { ...young, feature: 'age' }])
    expect([of(), of(), of({ model: { name: 'loans', version: '2', sha256: 'b' } })].map(find)).toEqual([
      [
        {
          slice: 'young',
          feature: 'age',
          model: 'loans',
          version: '1',
          reason: 'no explanation of this model has the feature',
          features: 'income, term, âge, region',
        },
      ],
      [],
      [expect.objectContaining({ slice: 'young', version: '2' })],
    ])
  })

  it.each([
    [
      'a text where a number is asked for',
      { ...young, feature: 'region' },
      'is a text, and the slice asks for a number',
    ],
    ['a number where a text is asked for', { ...north, feature: 'âge' }, 'is a number, and the slice asks for a text'],
    ['a text that is not the number asked for', { ...north, equals: 1 }, 'is a text, and the slice asks for a number'],
  ])('whose feature is %s is told', (_, rule, reason) => {
    expect(reasons(rule, of())).toEqual([`the feature ${reason}`])
  })

  it('of missing values, or of members of a group, may have decisions', () => {
    expect(reasons({ ...north, equals: null }, of())).toEqual([])
    expect(reasons(north, withValue({ region: 'south', âge: 44 }, 'who'))).toEqual([])
    expect(checkSlices([{ ...north, feature: 'who' }])(withValue({ region: 'south', âge: 44 }, 'who'))).toEqual([
      expect.objectContaining({ features: 'region, âge' }),
    ])
  })

  it('is told by the first value that is not missing, and not by explanations that are cut', () => {
    const find = checkSlices([north])
    expect(
      [withValue(null), of({ contributionsCut: true, contributions: [] }), withValue(7), withValue(8)].map(find),
    ).toEqual([[], [], [expect.objectContaining({ slice: 'north' })], []])
  })

  it('is told of a thousand models, and of none of them again', () => {
    const find = checkSlices([north])
    const told = (value: number | null): number =>
      Array.from({ length: 1500 }, (_, k) =>
        find({ ...withValue(value), model: { name: 'loans', version: '1', sha256: `${k}` } }),
      ).flat().length
    expect([told(null), told(7), told(7)]).toEqual([0, 1000, 0])
  })
})
