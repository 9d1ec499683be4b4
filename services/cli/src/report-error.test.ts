import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CliError, codeOf, exitCodeOf } from './report-error.ts'

test.each([
  ['of ours', () => Promise.reject(new CliError('USAGE', 'say which')), 'USAGE'],
  ["of the system's", () => readFileSync('/none'), 'ENOENT'],
  ['of a file that Node cannot hold', () => Buffer.alloc(2 ** 29).toString(), 'ERR_STRING_TOO_LONG'],
])('an error %s is what the user can mend', async (_, action, code) => {
  const error = await thrownBy(action)
  expect([codeOf(error), exitCodeOf(error)]).toEqual([code, 2])
})

test.each([
  ['a bug', () => undefined!['length']],
  ['a wrong use of Node', () => Buffer.alloc(-1)],
])('%s is an internal error', async (_, action) => {
  const error = await thrownBy(action)
  expect([codeOf(error), exitCodeOf(error)]).toEqual([undefined, 1])
})

async function thrownBy(action: () => unknown): Promise<unknown> {
  try {
    return await action()
  } catch (error) {
    return error
  }
}
