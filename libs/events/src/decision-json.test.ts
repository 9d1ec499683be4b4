import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDecision } from './decision-json.ts'
import { EventError } from './event-error.ts'

const whole = {
  eventId: 'e-1',
  decisionId: 'd-1',
  decidedAt: '2026-11-22T10:00:00.000Z',
  model: { name: 'taiwan-default', version: '2026-11-01' },
  features: { LIMIT_BAL: 20000, SEX: 'male', AGE: null, 'âge 🙂': -1.5e-3 },
  score: 0.61,
  outcome: 'DECLINED',
}

describe('a line', () => {
  test('is read whole', () => {
    const { features, ...rest } = parseDecision(JSON.stringify(whole))
    expect({ ...rest, features: { ...features } }).toEqual(whole)
  })

  test('needs its identity and its features only; null stands for what is absent', () => {
    const line = '{"eventId":"e","features":{},"model":null,"score":null,"outcome":null,"decisionId":null}'
    expect(parseDecision(line)).toEqual({ eventId: 'e', features: {} })
  })

  test('may carry fields that are not known here', () => {
    expect(parseDecision('{"eventId":"e","features":{},"channel":"web"}')).not.toHaveProperty('channel')
  })

  test('keeps features that are called like parts of every object', () => {
    const { features } = parseDecision('{"eventId":"e","features":{"__proto__":1,"constructor":"x","a":2}}')
    expect(Object.entries(features)).toEqual([
      ['__proto__', 1],
      ['constructor', 'x'],
      ['a', 2],
    ])
    expect(features['toString']).toBeUndefined()
  })

  test('counts the last of two equal names', () => {
    expect(parseDecision('{"eventId":"a","features":{"x":1,"x":2},"eventId":"b"}')).toMatchObject({
      eventId: 'b',
      features: { x: 2 },
    })
  })
})

describe('a line that cannot be taken', () => {
  const event = (rest: string): string => `{"eventId":"e","features":{},${rest}}`

  test.each([
    ['EVENT_NOT_JSON', '', 'not JSON'],
    ['EVENT_NOT_JSON', '{"eventId":"e","features":{"INCOME":12345', 'at position'],
    ['EVENT_NOT_JSON', '{"eventId":"e","features":{"a":NaN}}', 'not JSON'],
    ['EVENT_INVALID', '[]', 'a decision is an array'],
    ['EVENT_INVALID', 'null', 'a decision is null'],
    ['EVENT_INVALID', '"text"', 'a decision is a text'],
    ['EVENT_INVALID', '{"features":{}}', 'eventId is missing'],
    ['EVENT_INVALID', '{"eventId":"","features":{}}', 'eventId is an empty text'],
    ['EVENT_INVALID', '{"eventId":12,"features":{}}', 'eventId is a number'],
    ['EVENT_INVALID', '{"eventId":"e"}', 'features is missing'],
    ['EVENT_INVALID', '{"eventId":"e","features":[1]}', 'features is an array'],
    ['EVENT_INVALID', event('"model":"m"'), 'model is a text'],
    ['EVENT_INVALID', event('"model":{"name":"m"}'), 'model.version is missing'],
    ['EVENT_INVALID', event('"score":"0.5"'), 'score is a text'],
    ['EVENT_INVALID', event('"score":1e999'), 'score is a number: it must be a finite number'],
    ['EVENT_INVALID', event('"outcome":true'), 'outcome is a boolean'],
    ['FEATURE_WRONG_TYPE', '{"eventId":"e","features":{"SEX":true}}', 'feature SEX is a boolean'],
    ['FEATURE_WRONG_TYPE', '{"eventId":"e","features":{"SEX":[1]}}', 'feature SEX is an array'],
    ['FEATURE_WRONG_TYPE', '{"eventId":"e","features":{"SEX":{}}}', 'feature SEX is an object'],
    ['FEATURE_OUT_OF_RANGE', '{"eventId":"e","features":{"SEX":-1e999}}', 'feature SEX is beyond'],
  ])('%s: %s', (code, line, message) => {
    expect(errorOf(line)).toMatchObject({ code, message: expect.stringContaining(message) as string })
  })

  test('is told without a word of what it holds', () => {
    for (const line of [
      '{"eventId":"e","features":{"a":secret}}',
      '{"eventId":"e","features":{"a":["secret"]}}',
      'secret',
    ])
      expect(`${errorOf(line).message} ${String(errorOf(line).cause)}`).not.toContain('secret')
  })

  test('has a code, whatever it is', () => {
    const line = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `{"eventId":"e","features":${json}}`),
    )
    fc.assert(
      fc.property(line, (text) => {
        try {
          parseDecision(text)
        } catch (error) {
          expect(error).toBeInstanceOf(EventError)
        }
      }),
      { seed: 20261122, numRuns: 1000 },
    )
  })
})

function errorOf(line: string): EventError {
  try {
    parseDecision(line)
  } catch (error) {
    return error as EventError
  }
  throw new Error(`taken: ${line}`)
}
