import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { fitBaseline, fitValueBaseline } from '../baseline/fit-baseline.ts'
import { adwinDefaults } from '../comparison/adwin.ts'
import { adwinPerFeature } from '../comparison/comparison-detectors.ts'
import { featureNames, randomBaseline, randomRows } from '../explanations.test-data.ts'
import { openWindow, update } from '../window/window.ts'
import { compareBaselines } from './compare-baselines.ts'

describe('the comparison of two baselines', () => {
  it('finds no difference between a baseline and itself', () => {
    const baseline = randomBaseline(1)
    const { ndcg, spearman, features } = compareBaselines(baseline, baseline)
    expect(ndcg).toBe(1)
    expect(spearman).toBeCloseTo(1, 12)
    expect(features.map(({ feature }) => feature)).toEqual(featureNames)
    for (const { before, after } of features) expect(after).toEqual(before)
  })

  it('tells what changed feature by feature, by name, those of one version only too', () => {
    const rows = randomRows(createRandom(2), 3000, { SEX: 5 })
    const renamed = featureNames.map((feature) => (feature === 'ÂGE' ? 'NEW' : feature))
    const newer = fitBaseline({ features: renamed, adverse: 'high', rows })
    const { spearman, features } = compareBaselines(randomBaseline(1), newer)
    const find = (name: string) => features.find(({ feature }) => feature === name)!
    const { before, after } = find('SEX')
    expect(after!.importance / before!.importance).toBeCloseTo(5, 0)
    for (const measure of ['share', 'signedShare', 'topFour'] as const)
      expect(after![measure]).toBeGreaterThan(before![measure])
    expect(spearman).toBeLessThan(1)
    expect(find('NEW').before).toBeUndefined()
    expect(find('ÂGE').after).toBeUndefined()
  })

  it('refuses baselines of plain values, as does a detector of shares', () => {
    const values = fitValueBaseline({ names: ['fidelity'], values: Float64Array.of(0.9, 0.8, 1), tolerances: [0.01] })
    const window = openWindow(values.scale)
    update(window, Float64Array.of(0.9))
    const adwin = adwinPerFeature(values, adwinDefaults)
    const refused = expect.objectContaining({
      code: 'WINDOW_MISMATCH',
      message: 'a window of plain values has no share: pass one that counted it',
    })
    expect(() => compareBaselines(values, values)).toThrow(refused)
    expect(() => adwin.step(adwin.start(), [window])).toThrow(refused)
  })
})
