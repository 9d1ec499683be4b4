import { describe, expect, test } from 'vitest'
import type { FeatureDisplay, Reason } from './index.ts'
import { selectReasons } from './select-reasons.test-data.ts'

const thin = '\u202f'
const hard = '\u00a0'

const limit = feature({ name: 'LIMIT', label: { en: 'Credit limit', fr: 'Plafond de crédit' }, unit: 'TWD' })
const ratio = feature({ name: 'RATIO', label: { en: 'Debt ratio', fr: 'Taux d’endettement' }, unit: '%' })
const sex = feature({ name: 'SEX', values: new Map([['2', 'female']]) })

function feature(given: Partial<FeatureDisplay> & { name: string }): FeatureDisplay {
  return { label: { en: given.name }, unit: undefined, values: new Map(), actionable: false, ...given }
}

interface Told {
  readonly name: string
  readonly features: readonly FeatureDisplay[]
  readonly values: readonly number[]
  readonly means: readonly number[]
}

/** The texts of the one reason that covers all `players`. */
function tell(texts: Readonly<Record<string, string>>, ...players: readonly Told[]): Reason['texts'] {
  const catalogue = { players, reasons: [{ code: 'R', players: [...players.keys()], direction: undefined, texts }] }
  const contributions = players.map(({ values, means }) => ({ contribution: 1, values, referenceValues: means }))
  return selectReasons(contributions, catalogue, { most: 4, adverse: 'high' })[0]!.texts
}

function single(of: FeatureDisplay, value: number, mean: number): Told {
  return { name: of.name, features: [of], values: [value], means: [mean] }
}

describe('numbers and units', () => {
  const texts = { en: '{label}: {value} against {reference}', fr: '{label} : {value} contre {reference}' }

  test('are written as each language does', () => {
    expect(tell(texts, single(limit, 20000, 167484.3227))).toEqual({
      en: `Credit limit: 20,000${hard}TWD against 167,484.32${hard}TWD`,
      fr: `Plafond de crédit : 20${thin}000${hard}TWD contre 167${thin}484,32${hard}TWD`,
    })
  })

  test('keep two significant digits where two decimals would say nothing', () => {
    expect(tell({ en: '{value} {reference}' }, single(sex, 0.001234, -0.0000056))).toEqual({ en: '0.0012 -0.0000056' })
  })

  test('show neither minus zero nor float noise', () => {
    expect(tell({ en: '{value} {reference}' }, single(feature({ name: 'X' }), -0, Math.fround(0.1)))).toEqual({
      en: '0 0.1',
    })
  })

  test('the percent sign touches the number in English only', () => {
    expect(tell(texts, single(ratio, 45.5, 30))).toEqual({
      en: 'Debt ratio: 45.5% against 30%',
      fr: `Taux d’endettement : 45,5${hard}% contre 30${hard}%`,
    })
  })

  test('a template that places the unit gets bare numbers', () => {
    expect(tell({ en: '{unit} {value} (not {reference})' }, single(limit, 5, 6))).toEqual({ en: 'TWD 5 (not 6)' })
  })
})

describe('values that are no plain number', () => {
  test('a missing value is said to be missing, in each language', () => {
    const texts = { en: '{label}: {value}', fr: '{label} : {value}' }
    expect(tell(texts, single(limit, NaN, 1))).toEqual({
      en: 'Credit limit: not given',
      fr: 'Plafond de crédit : non renseigné',
    })
  })

  test('a code is written by its name, an unknown code as it is, a mean as a number', () => {
    expect(tell({ en: '{value}' }, single(sex, 2, 1.6))).toEqual({ en: 'female' })
    expect(tell({ en: '{value}' }, single(sex, 3, 1.6))).toEqual({ en: '3' })
    expect(tell({ en: '{reference}' }, single(sex, 2, 2))).toEqual({ en: '2' })
  })
})

describe('groups', () => {
  const cities = ['Lyon', 'Nice'].map((city) => feature({ name: `city_${city}`, label: { en: city } }))
  const city = (...values: number[]): Told => ({ name: 'city', features: cities, values, means: [0.25, 0.5] })

  test('one-hot columns are told by the member that is on', () => {
    expect(tell({ en: '{label}: {value}' }, city(0, 1))).toEqual({ en: 'city: Nice' })
    expect(tell({ en: '{value}', fr: '{value}' }, city(0, 0))).toEqual({ en: 'none', fr: 'aucun' })
    expect(tell({ en: '{value}' }, city(NaN, NaN))).toEqual({ en: 'not given' })
    expect(tell({ en: '{reference}' }, city(0, 1))).toEqual({ en: 'Lyon 0.25; Nice 0.5' })
  })

  test('several players are told one after the other', () => {
    expect(tell({ en: '{label} — {value}' }, single(limit, 20000, 1), city(1, 0))).toEqual({
      en: `Credit limit; city — Credit limit 20,000${hard}TWD; city Lyon`,
    })
  })

  test('a player of several plain features lists them', () => {
    const bills = { name: 'bills', features: [limit, ratio], values: [300, NaN], means: [1, 2] }
    expect(tell({ en: '{value}' }, bills)).toEqual({ en: `Credit limit 300${hard}TWD; Debt ratio not given` })
  })
})

describe('languages', () => {
  test('a reason without a text in a language that others have is told in English', () => {
    const display = { name: 'LIMIT', features: [limit] }
    const catalogue = {
      players: [display, display],
      reasons: [
        { code: 'A', players: [0], direction: undefined, texts: { en: '{label} {value}' } },
        { code: 'B', players: [1], direction: undefined, texts: { en: '{label}', fr: '{label}' } },
      ],
    }
    const one = { contribution: 1, values: [1500], referenceValues: [1] }
    const [first, second] = selectReasons([one, one], catalogue, { most: 4, adverse: 'high' })
    expect(first!.texts).toEqual({ en: `Credit limit 1,500${hard}TWD`, fr: `Credit limit 1,500${hard}TWD` })
    expect(second!.texts).toEqual({ en: 'Credit limit', fr: 'Plafond de crédit' })
  })

  test('a label without French stays English inside a French text', () => {
    expect(tell({ en: '{label}', fr: 'Motif : {label}' }, single(sex, 1, 1))).toEqual({ en: 'SEX', fr: 'Motif : SEX' })
  })

  test('text that looks like a replacement pattern is left alone', () => {
    const odd = feature({ name: 'X', label: { en: '$& $1 {value}' } })
    expect(tell({ en: '{label}' }, single(odd, 1, 1))).toEqual({ en: '$& $1 {value}' })
  })
})
