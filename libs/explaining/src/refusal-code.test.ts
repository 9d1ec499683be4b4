import { EventError } from '@raison/events'
import { ModelError } from '@raison/model-runtime'
import { expect, test } from 'vitest'
import { ExplainError } from './explain-error.ts'
import { refusalCode } from './refusal-code.ts'

test('a decision is refused for what is wrong with it, by its code', () => {
  expect(refusalCode(new EventError('EVENT_INVALID', 'no eventId'))).toBe('EVENT_INVALID')
  expect(refusalCode(new ExplainError('FEATURE_MISSING', 'age is missing'))).toBe('FEATURE_MISSING')
})

test.each([
  ['a bug', new TypeError('undefined is not a function')],
  ['a wrong use of Node', attempt(() => Buffer.alloc(-1))],
  ["an error of the system's", attempt(() => process.kill(2 ** 30, 0))],
  ['a model that fails', new ModelError('MODEL_CORRUPTED', 'cut short')],
])('no decision is refused for %s', (_, error) => {
  expect(refusalCode(error)).toBeUndefined()
})

function attempt(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    return error
  }
}
