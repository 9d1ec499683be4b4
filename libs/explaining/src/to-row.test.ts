import type { Feature } from '@raison/bundle'
import type { FeatureValue } from '@raison/events'
import { describe, expect, test } from 'vitest'
import { writeRow } from './to-row.ts'

describe('writeRow', () => {
  test('writes float32 numbers in bundle order at the given place', () => {
    const row = new Float32Array(4)
    writeRow({ sex: 2, income: 0.1, other: 7 }, features, true, row, 2)
    expect([...row]).toEqual([0, 0, Math.fround(0.1), 2])
  })

  test.each<[string, Record<string, FeatureValue>]>([
    ['its name', { income: 1, sex: 'male' }],
    ['its code as text', { income: 1, sex: '1' }],
    ['its code', { income: 1, sex: 1 }],
  ])('reads a coded feature by %s', (_, values) => {
    expect(rowOf(values)).toEqual([1, 1])
  })

  test('takes null and NaN for a missing value where the model knows what to do with one', () => {
    expect(rowOf({ income: null, sex: Number.NaN })).toEqual([Number.NaN, Number.NaN])
  })

  test.each<[string, Record<string, FeatureValue>, string]>([
    ['a feature that is not named', { income: 1 }, 'FEATURE_MISSING'],
    ['a number beyond float32', { income: 1e39, sex: 1 }, 'FEATURE_OUT_OF_RANGE'],
    ['an infinity', { income: -Infinity, sex: 1 }, 'FEATURE_OUT_OF_RANGE'],
    ['text in a number', { income: 'lots', sex: 1 }, 'FEATURE_WRONG_TYPE'],
    ['a number as text', { income: '12', sex: 1 }, 'FEATURE_WRONG_TYPE'],
    ['an unknown code name', { income: 1, sex: 'unknown' }, 'FEATURE_WRONG_TYPE'],
    ['a name inherited from Object', { income: 1, toString: 1 }, 'FEATURE_MISSING'],
  ])('refuses %s', (_, values, code) => {
    expect(() => rowOf(values)).toThrowError(expect.objectContaining({ code }))
  })

  test.each<[string, FeatureValue]>([
    ['text', 'Jane 1970'],
    ['number', 1970e40],
  ])('names the feature of a wrong %s and not its value: messages reach the quarantine', (_, income) => {
    expect(() => rowOf({ income, sex: 1 })).toThrow(/^feature income is (?!.*(Jane|1970|1\.97))/)
  })

  test('refuses a missing value where the model has no treatment of one', () => {
    expect(() => rowOf({ income: null, sex: 1 }, false)).toThrowError(
      expect.objectContaining({ code: 'FEATURE_MISSING_VALUE' }),
    )
  })
})

const features: readonly Feature[] = [
  feature('income', []),
  feature('sex', [
    ['1', 'male'],
    ['2', 'female'],
  ]),
]

function feature(name: string, codes: [string, string][]): Feature {
  return {
    name,
    label: { en: name },
    unit: undefined,
    group: undefined,
    actionable: true,
    protected: false,
    values: new Map(codes),
  }
}

function rowOf(values: Record<string, FeatureValue>, acceptsMissing = true): number[] {
  const row = new Float32Array(2)
  writeRow(values, features, acceptsMissing, row, 0)
  return [...row]
}
