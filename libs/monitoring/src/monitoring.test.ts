import type { MonitoredExplanation } from '@raison/events'
import { describe, expect, it } from 'vitest'
import { baselineKeyOf, fitQuality, numberFor, parseExplanation, qualityNames, qualityOf, rowInto } from './index.ts'

const line = {
  explanationId: 'e1',
  status: 'OK',
  adverse: 'high',
  space: 'log-odds',
  model: { name: 'm', version: '1', sha256: 'aa' },
  reference: { population: 'all', sha256: 'bb', rows: 100 },
  method: 'kernel-shap on cosine',
  budget: { rows: 512, seed: '7' },
  artefactSha256: 'cc',
  contributions: [
    { feature: 'âge', value: 44, contribution: 3, interval: { low: 2, high: 4 } },
    { feature: 'income', value: null, contribution: -1, interval: { low: -2, high: 0 } },
  ],
  contributionsCut: false,
  quality: { additivityGap: 0, surrogateFidelity: 0.99, topSettled: true, degraded: false },
}
const parse = (change: object = {}): MonitoredExplanation => parseExplanation(JSON.stringify({ ...line, ...change }))!

describe('the baseline key', () => {
  it('is the same for decisions of one model explained in one way, whatever they spent and contain', () => {
    const other = parse({
      explanationId: 'e2',
      budget: { rows: 512, seed: '8' },
      contributions: [line.contributions[0]],
    })
    expect(baselineKeyOf(other)).toBe(baselineKeyOf(parse()))
    expect(baselineKeyOf(parse())).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    { model: { ...line.model, sha256: 'ab' } },
    { reference: { ...line.reference, sha256: 'ba' } },
    { method: 'exact-trees' },
    { budget: { rows: 1024, seed: '7' } },
    { artefactSha256: null },
    { space: 'probability' },
  ])('is another one with %j', (change) => {
    expect(baselineKeyOf(parse(change))).not.toBe(baselineKeyOf(parse()))
  })
})

describe('a row', () => {
  it('has contributions and values in the order of the features, however they were written', () => {
    const out = new Float64Array(5)
    rowInto(parse(), ['income', 'âge'], out)
    expect(Array.from(out)).toEqual([-1, 3, NaN, 44, 0])
  })

  it('has the same number for the same text or group alone, and none where the value is missing or not said', () => {
    const values = ['nord', 'süd', 'Nord', '', { a: 1, b: null }, { a: 1, b: 'x' }, 0, 1, -2.5]
    expect(new Set(values.map(numberFor)).size).toBe(values.length)
    expect(values.map((value) => numberFor(structuredClone(value)))).toEqual(values.map(numberFor))
    expect([numberFor(null), numberFor(undefined), numberFor(7)]).toEqual([NaN, NaN, 7])
  })

  it.each([
    ['fewer features', ['âge']],
    ['more features', ['âge', 'income', 'term']],
    ['other features', ['âge', 'term']],
  ])('of %s is refused', (_, features) => {
    expect(() => rowInto(parse(), features, new Float64Array(6))).toThrow(
      expect.objectContaining({ code: 'FEATURES_MISMATCH' }),
    )
  })
})

describe('a line', () => {
  it('that was rejected is no explanation', () => {
    expect(parseExplanation('{"line":3,"status":"REJECTED","error":{"code":"X","message":"m"}}')).toBeUndefined()
  })

  it.each([
    ['no JSON', '{', 'not JSON'],
    ['null', 'null', 'this is no explanation'],
    ['a list', '[]', 'this is no explanation'],
    ['no contributions', JSON.stringify({ ...line, contributions: undefined }), '--contributions all'],
    [
      'an infinite contribution',
      JSON.stringify(line).replace('"contribution":3', '"contribution":1e999'),
      'contributions.0',
    ],
    [
      'two contributions of one feature',
      JSON.stringify(line).replace('income', 'âge'),
      'contributions: has two of one feature',
    ],
    [
      'contributions without a finite sum',
      JSON.stringify(line).replace(/"contribution":-?[13]/g, '"contribution":1e308'),
      'contributions: is larger in all than a number can be',
    ],
    ['another status', JSON.stringify({ ...line, status: 'DONE' }), 'status'],
  ])('of %s is refused without quoting it', (_, text, message) => {
    const refused = expect(() => parseExplanation(text))
    refused.toThrow(expect.objectContaining({ code: 'EXPLANATION_INVALID', message: expect.stringContaining(message) }))
  })
})

describe('quality', () => {
  it('is fidelity, half the intervals beside all contributions, and two flags', () => {
    expect(qualityOf(parse({ status: 'REVIEW_REQUIRED' }))).toEqual([0.99, 0.5, 0, 1])
  })

  it('of an exact explanation without contributions is perfect', () => {
    const none = [{ feature: 'âge', value: 1, contribution: 0 }]
    expect(qualityOf(parse({ contributions: none, quality: { degraded: true } }))).toEqual([1, 0, 1, 0])
  })

  it('is a number where contributions are next to nothing beside their intervals', () => {
    const none = [{ feature: 'âge', value: 1, contribution: 1e-320, interval: { low: -1, high: 1 } }]
    expect(qualityOf(parse({ contributions: none }))[1]).toBe(1e6)
  })

  it('has of each measure its own tolerance, in whatever order they come', () => {
    const values = Float64Array.from({ length: 4 * 1000 }, (_, at) => (at % 8 < 4 ? 0.25 : 0.5))
    const boundsOf = (names: readonly string[]) => {
      const { bounds } = fitQuality(names, values, {})
      return new Map(names.map((name, i) => [name, [...bounds.slice(2 * i, 2 * i + 2)]]))
    }
    const bounds = boundsOf(qualityNames)
    expect(boundsOf(qualityNames.toSorted())).toEqual(bounds)
    expect(bounds.get('interval-width')![0]! - bounds.get('fidelity')![0]!).toBeCloseTo(0.01 / 0.25)
  })
})
