import { expect, test } from 'vitest'
import { prepareText } from './prepare-text.ts'
import { prepareTexts } from './prepare-texts.ts'
import type { CataloguePlayer } from './reasons.ts'

const age = {
  name: 'AGE',
  label: { en: 'Age' },
  unit: undefined,
  values: new Map([['0', 'unborn']]),
  actionable: false,
}
const player: CataloguePlayer = { name: 'AGE', features: [age], columns: [1] }
const means = Float64Array.of(0, 40)
const templates = { en: '{label}: {value}, not {reference}', fr: 'Âge : {value}' }
const write = prepareTexts(templates, ['en', 'fr'], [player], means, 1)
const rowOf = (value: number): Float32Array => Float32Array.of(7, value)

test('equal values get the same object, a missing one too, and each the texts that its value makes', () => {
  for (const value of [48, NaN, 0, -0, 1234.5]) {
    const texts = write(rowOf(value))
    expect(write(rowOf(value))).toBe(texts)
    for (const language of ['en', 'fr'])
      expect(texts[language]).toBe(prepareText(templates, language, [player], means)(rowOf(value)))
  }
})

test('of more values than are remembered each gets its own texts', () => {
  for (let value = 1; value <= 2500; value++) expect(write(rowOf(value))['fr']).toMatch(/^Âge : [\d\s]+$/)
  expect(write(rowOf(3))['fr']).toBe('Âge : 3')
})

test('texts without a value are the same object for every row', () => {
  const constant = prepareTexts({ en: 'Too young.' }, ['en', 'fr'], [player], means, undefined)
  expect(constant(rowOf(1))).toBe(constant(rowOf(2)))
  expect(constant(rowOf(1))).toEqual({ en: 'Too young.', fr: 'Too young.' })
})
