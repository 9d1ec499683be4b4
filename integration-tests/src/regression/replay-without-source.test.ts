import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { fillQuarantine } from '../fill-quarantine.ts'
import { readRecords } from '../read-records.ts'
import { platformEnvironment, runRaison, type Run } from '../run-raison.ts'

const brokers = inject('kafkaBrokers').split(',')

// kafkajs drops what goes to a partition that a topic does not have, and the note that it was replayed was committed.
test('a record whose partition or topic is gone is left, refused by name, and those behind it are replayed', async () => {
  const { aside, decisions } = await createTestTopics(brokers, { aside: 1, decisions: 1 })
  await fillQuarantine(aside, [
    { topic: decisions, partition: 3 },
    { topic: `${decisions}.deleted` },
    { topic: decisions },
  ])
  const replay = (...args: readonly string[]): Promise<Run> =>
    runRaison(['quarantine', 'replay', '--topic', aside, '--yes', ...args], '', platformEnvironment())

  for (const [position, source] of [
    ['0/0', `partition 3 of ${decisions}`],
    ['0/1', `partition 0 of ${decisions}.deleted`],
  ] as const) {
    const message = `SOURCE_GONE: ${position} came from ${source}`
    const refused = { status: 2, stdout: '', stderr: expect.stringContaining(message) }
    expect(await replay(position, '0/2')).toMatchObject(refused)
  }
  expect(await readRecords(brokers, decisions)).toEqual([])

  const would = `would replay 0/2 to ${decisions}/0/2\n`
  expect(await replay('--all', '--dry-run')).toMatchObject({ status: 3, stdout: would })
  const { status, stdout, stderr } = await replay('--all')
  expect({ status, stdout }).toEqual({ status: 3, stdout: `replayed 0/2 to ${decisions}/0/2\n` })
  expect(stderr).toMatch(/left: 0\/0 came from .*\nleft: 0\/1 came from /)
  expect(await readRecords(brokers, decisions)).toHaveLength(1)
  expect(JSON.parse((await replay('--all', '--json')).stdout)).toEqual({ dryRun: false, replayed: [], left: 2 })
})
