import { createRequire } from 'node:module'
import { beforeEach, expect, test, vi } from 'vitest'
import { missingRight } from './missing-right.ts'

interface Addition {
  readonly topics: readonly { readonly topic: string }[]
}

const require = createRequire(import.meta.url)
const { prototype } = require('kafkajs/src/broker') as {
  readonly prototype: { addPartitionsToTxn(addition: Addition): Promise<unknown> }
}
const topics = [{ topic: 'mine' }, { topic: 'not-mine' }]
const asked: string[] = []

/** What the broker answers to these topics: `undefined` for all is well. */
async function answeredWith(answer: (names: string) => string | undefined): Promise<void> {
  vi.resetModules()
  prototype.addPartitionsToTxn = async (addition) => {
    const names = addition.topics.map(({ topic }) => topic).join()
    asked.push(names)
    const type = answer(names)
    if (type !== undefined) throw Object.assign(new Error('no'), { type })
  }
  await import('./add-topics-singly.ts')
}

const reasonOf = (): Promise<string | undefined> =>
  prototype.addPartitionsToTxn({ topics }).then(
    () => undefined,
    (error: unknown) => missingRight(error, 'writing')?.message ?? (error as { type: string }).type,
  )

beforeEach(() => void asked.splice(0))

test('the topic that is refused is named, whichever of them the broker told of first', async () => {
  await answeredWith((names) =>
    names === 'mine' ? undefined : names === 'not-mine' ? 'TOPIC_AUTHORIZATION_FAILED' : 'OPERATION_NOT_ATTEMPTED',
  )
  expect(await reasonOf()).toContain('lacks a right on the topic not-mine:')
  expect(asked).toEqual(['mine,not-mine', 'mine', 'not-mine'])
})

test.each([
  ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'lacks a right on the transactional id:'],
  ['CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS'],
])('what is no matter of topics is thrown as it came: %s', async (type, reason) => {
  await answeredWith(() => type)
  expect(await reasonOf()).toContain(reason)
  expect(asked).toEqual(['mine,not-mine'])
})

test('topics that may all be added in the meantime are added', async () => {
  await answeredWith((names) => (names === 'mine,not-mine' ? 'TOPIC_AUTHORIZATION_FAILED' : undefined))
  expect(await reasonOf()).toBeUndefined()
})
