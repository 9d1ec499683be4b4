import { expect, test } from 'vitest'
import { stackTrace, startProgram } from './run-raison.ts'

async function feed(option: string) {
  const { ended, stdout, stderr } = startProgram('decision-feed', [option], process.env)
  return { status: await ended, stdout: stdout(), stderr: stderr() }
}

test('the feed says its options when it is asked', async () => {
  expect(await feed('--help')).toEqual({ status: 0, stdout: expect.stringMatching(/--drift-start N/), stderr: '' })
})

// It died with a stack trace.
test('a mistyped option of the feed is named, with those that there are', async () => {
  const { status, stdout, stderr } = await feed('--rates')
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
  expect(stderr).toMatch(/^decision-feed: Unknown option '--rates'[^]*--drift-start N/)
  expect(stderr).not.toMatch(stackTrace)
})
