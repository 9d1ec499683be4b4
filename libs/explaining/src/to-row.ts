import type { Feature } from '@raison/bundle'
import type { FeatureValue } from '@raison/events'
import { ExplainError } from './explain-error.ts'

/**
 * Writes the model's input row of one decision at `row[at …]`: one float32 per feature in bundle order, NaN for a missing
 * value. Throws ExplainError FEATURE_MISSING, FEATURE_MISSING_VALUE, FEATURE_WRONG_TYPE or FEATURE_OUT_OF_RANGE.
 */
export function writeRow(
  values: Readonly<Record<string, FeatureValue>>,
  features: readonly Feature[],
  acceptsMissing: boolean,
  row: Float32Array,
  at: number,
): void {
  for (let i = 0; i < features.length; i++) {
    const feature = features[i]!
    const number = toNumber(feature, values)
    if (!acceptsMissing && Number.isNaN(number))
      throw new ExplainError(
        'FEATURE_MISSING_VALUE',
        `feature ${feature.name} has no value, and the model has no treatment of missing values: send a number, or put an imputer into the model`,
      )
    row[at + i] = number
  }
}

function toNumber(feature: Feature, values: Readonly<Record<string, FeatureValue>>): number {
  const value = values[feature.name]
  if (typeof value === 'number') return inRange(feature, value)
  if (!Object.hasOwn(values, feature.name))
    throw new ExplainError(
      'FEATURE_MISSING',
      `feature ${feature.name} is not in the decision: name every feature, null for a missing value`,
    )
  return value === null || value === undefined ? Number.NaN : codeOf(feature, value)
}

// Messages name features and not their values: they are read by more people than the decisions are.

/** Beyond float32 the model would see an infinity that nobody sent. */
function inRange(feature: Feature, value: number): number {
  const number = Math.fround(value)
  if (number === Infinity || number === -Infinity)
    throw new ExplainError(
      'FEATURE_OUT_OF_RANGE',
      `feature ${feature.name} is out of range: the model reads finite float32 numbers, at most 3.4e38`,
    )
  return number
}

/** Text stands for a number only where the bundle names its codes: "male", or the code itself, "1". */
function codeOf(feature: Feature, text: string): number {
  if (feature.values.has(text)) return inRange(feature, Number(text))
  for (const [code, name] of feature.values) if (name === text) return inRange(feature, Number(code))
  throw new ExplainError(
    'FEATURE_WRONG_TYPE',
    `feature ${feature.name} is a text: send a number${feature.values.size > 0 ? `, or one of ${[...feature.values.values()].join(', ')}` : ''}`,
  )
}
