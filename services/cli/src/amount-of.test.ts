import { expect, test } from 'vitest'
import { threeDigits } from './amount-of.ts'

test.each([
  [0.001234, '0.00123'],
  [1.5, '1.5'],
  [2004, '2,000'],
  [5914.2, '5,910'],
  [999_999, '1,000,000'],
  [1e6, '1.00e+6'],
  [2.2e52, '2.20e+52'],
])('three digits of %d are %s', (value, text) => expect(threeDigits(value)).toBe(text))
