import { expect, test } from 'vitest'
import { ConfigError } from './config-error.ts'
import { describeError } from './describe-error.ts'

const value = 'income 41,234'
const withCode = (code: string, message: string): Error => Object.assign(new Error(message), { code })

test.each([
  ['ours', new ConfigError('kafka: set KAFKA_BROKERS')],
  ['ours that came from a thread', withCode('BUNDLE_MISSING', 'add bundle.yaml')],
  ['the system’s', withCode('EADDRINUSE', 'listen EADDRINUSE: address already in use 127.0.0.1:8090')],
  ['a module’s that is not there', withCode('ERR_MODULE_NOT_FOUND', "Cannot find package 'pino'")],
])('an error that is %s is told whole', (_, error) => {
  expect(describeError(error)).toEqual({ code: (error as Error & { code: string }).code, message: error.message })
})

test.each([
  ['of a parser', parse],
  ['of Node, which shows the argument', () => Buffer.from('', value as BufferEncoding)],
  ['of many lines', () => raise(new TypeError(`one\n    at ${value} (file:///x.ts:1:1)\n    at two`))],
])('of an error %s only kind and place are told', (_, act) => {
  const error = caught(act)
  expect(String(error)).toContain(value)
  const described = describeError(error)
  expect(described.message).toMatch(/^(Syntax|Type)Error: what it says is left out/)
  expect(described.stack).toMatch(/^ {4}at .*describe-error\.test\.ts:\d+:\d+/m)
  expect(JSON.stringify(described)).not.toContain(value)
})

test('of a batch that failed the place of the bug is told too', () => {
  const failure = Object.assign(new Error('taking in-0 failed', { cause: caught(parse) }), { code: 'PROCESSOR_FAILED' })
  expect(describeError(failure)).toEqual({
    code: 'PROCESSOR_FAILED',
    message: 'taking in-0 failed',
    stack: expect.stringMatching(/^ {4}at .*parse.*describe-error\.test\.ts/m),
  })
})

test('what is thrown without being an error is told by its type', () => {
  expect(describeError(value)).toEqual({ message: 'string thrown' })
})

function parse(): unknown {
  return JSON.parse(value)
}

function raise(error: Error): never {
  throw error
}

function caught(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}
