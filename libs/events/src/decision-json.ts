import type { FeatureValue, ModelVersion, ScoredDecision } from './decision.ts'
import { EventError } from './event-error.ts'

/** A decision of the command line: only its identity and its features are required. */
export type DecisionInput = Pick<ScoredDecision, 'eventId' | 'features'> & Partial<ScoredDecision>

/**
 * Reads one JSON line; fields it does not know are ignored, and of a repeated name the last counts (as in JSON.parse).
 * Throws EventError EVENT_NOT_JSON, EVENT_INVALID, FEATURE_WRONG_TYPE or FEATURE_OUT_OF_RANGE.
 */
export function parseDecision(line: string): DecisionInput {
  const fields = objectOf(parseJson(line), 'a decision')
  return {
    eventId: textOf(fields['eventId'], 'eventId'),
    features: featuresOf(objectOf(fields['features'], 'features')),
    ...optional(fields, 'decisionId', textOf),
    ...optional(fields, 'decidedAt', textOf),
    ...optional(fields, 'model', modelOf),
    ...optional(fields, 'score', numberOf),
    ...optional(fields, 'outcome', textOf),
  }
}

type Fields = Readonly<Record<string, unknown>>

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    // JSON.parse quotes the line in its message: only the position may be told, the rest is personal.
    const [position = 'somewhere'] = /at position \d+/.exec((error as Error).message) ?? []
    throw new EventError(
      'EVENT_NOT_JSON',
      `the line is not JSON (${position}): write one decision a line, as one object`,
    )
  }
}

function optional<K extends string, T>(
  fields: Fields,
  name: K,
  read: (value: unknown, name: string) => T,
): Partial<Record<K, T>> {
  const value = fields[name]
  return value === undefined || value === null ? {} : ({ [name]: read(value, name) } as Record<K, T>)
}

/** Without a prototype: a feature may be called `constructor` or `__proto__`. */
function featuresOf(fields: Fields): Record<string, FeatureValue> {
  const features = Object.create(null) as Record<string, FeatureValue>
  for (const [name, value] of Object.entries(fields)) features[name] = featureOf(value, name)
  return features
}

function featureOf(value: unknown, name: string): FeatureValue {
  if (value !== null && typeof value !== 'number' && typeof value !== 'string')
    throw new EventError('FEATURE_WRONG_TYPE', `feature ${name} is ${kindOf(value)}: send a number, a text or null`)
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new EventError('FEATURE_OUT_OF_RANGE', `feature ${name} is beyond the largest number: send a finite one`)
  return value
}

function modelOf(value: unknown): ModelVersion {
  const fields = objectOf(value, 'model')
  return { name: textOf(fields['name'], 'model.name'), version: textOf(fields['version'], 'model.version') }
}

function objectOf(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw invalid(name, value, 'an object with names')
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, value, 'a text that is not empty, in quotes')
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalid(name, value, 'a finite number')
}

function invalid(name: string, value: unknown, wanted: string): EventError {
  return new EventError('EVENT_INVALID', `${name} is ${kindOf(value)}: it must be ${wanted}`)
}

/** What it is, never its value: decisions are personal, and messages reach logs. */
function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (value === '') return 'an empty text'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`
}
