import type { FeatureValue, ScoredDecision } from './decision.ts'
import { EventError } from './event-error.ts'

/** A decision of the command line: only its identity and its features are required. */
export type DecisionInput = Pick<ScoredDecision, 'eventId' | 'features'> & Partial<ScoredDecision>

/** Reads one JSON line. Throws EventError EVENT_NOT_JSON, EVENT_INVALID, FEATURE_WRONG_TYPE or FEATURE_OUT_OF_RANGE. */
export function parseDecision(line: string): DecisionInput {
  const fields = objectOf(parseJson(line), 'a decision')
  const { model } = fields
  return {
    eventId: textOf(fields['eventId'], 'eventId'),
    features: featuresOf(objectOf(fields['features'], 'features')),
    ...optional(fields, 'decisionId', textOf),
    ...optional(fields, 'decidedAt', textOf),
    ...optional(fields, 'score', numberOf),
    ...optional(fields, 'outcome', textOf),
    ...(model !== undefined && model !== null && { model: modelOf(objectOf(model, 'model')) }),
  }
}

type Fields = Record<string, unknown>

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new EventError(
      'EVENT_NOT_JSON',
      `the line is not JSON (${(cause as Error).message}): write one decision a line, as one JSON object`,
      { cause },
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

function featuresOf(fields: Fields): Record<string, FeatureValue> {
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && typeof value !== 'number' && typeof value !== 'string')
      throw new EventError(
        'FEATURE_WRONG_TYPE',
        `feature ${name} is ${JSON.stringify(value).slice(0, 40)}: send a number, a text or null`,
      )
    if (typeof value === 'number' && !Number.isFinite(value))
      throw new EventError('FEATURE_OUT_OF_RANGE', `feature ${name} is beyond the largest number: send a finite one`)
  }
  return fields as Record<string, FeatureValue>
}

function modelOf(fields: Fields): { name: string; version: string } {
  return { name: textOf(fields['name'], 'model.name'), version: textOf(fields['version'], 'model.version') }
}

function objectOf(value: unknown, name: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw invalid(name, value, 'an object with names')
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw invalid(name, value, 'a text that is not empty')
}

function numberOf(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalid(name, value, 'a finite number')
}

function invalid(name: string, value: unknown, wanted: string): EventError {
  const found = value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40)
  return new EventError('EVENT_INVALID', `${name} is ${found}: it must be ${wanted}`)
}
