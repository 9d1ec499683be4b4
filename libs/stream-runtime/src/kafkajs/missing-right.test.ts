import { expect, test } from 'vitest'
import { missingRight } from './missing-right.ts'

const refused = (type: string, more: object = {}): Error => Object.assign(new Error('no'), { type, ...more })
const grant = 'grant it (docs/configuration.md#rights-on-kafka)'

test('a right that is missing is named, however deep kafkajs has wrapped the answer', () => {
  const wrapped = new Error('gave up', {
    cause: new Error('crashed', { cause: refused('GROUP_AUTHORIZATION_FAILED') }),
  })
  expect(missingRight(wrapped, 'reading in')).toMatchObject({
    code: 'RIGHT_MISSING',
    message: `reading in: this login lacks a right on the consumer group: ${grant}`,
  })
})

test('the topic is named where the answer says which', () => {
  const several = Object.assign(new Error(), { errors: [refused('TOPIC_AUTHORIZATION_FAILED', { topic: 'out' })] })
  expect(missingRight(several, 'creating')?.message).toBe(
    `creating: this login lacks a right on the topic out: ${grant}`,
  )
})

test('of several topics the one that is refused is found, whatever is answered of those before it', () => {
  const errors = [
    refused('TOPIC_ALREADY_EXISTS', { topic: 'in' }),
    refused('TOPIC_AUTHORIZATION_FAILED', { topic: 'out' }),
  ]
  expect(missingRight(Object.assign(new Error(), { errors }), 'creating')?.message).toBe(
    `creating: this login lacks a right on the topic out: ${grant}`,
  )
})

test('what is no matter of rights is no missing right', () => {
  expect(missingRight(refused('UNKNOWN_TOPIC_OR_PARTITION'), 'reading')).toBeUndefined()
  expect(missingRight(new Error('ECONNREFUSED'), 'reading')).toBeUndefined()
})
