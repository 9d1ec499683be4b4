import { randomUUID } from 'node:crypto'
import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { platformEnvironment, runRaison, type Run } from './run-raison.ts'

const brokers = inject('kafkaBrokers').split(',')
const keys = ['DECISIONS', 'EXPLAINED', 'QUARANTINED', 'WINDOWS', 'WINDOWS_STATE', 'DRIFT', 'DRIFT_STATE']

/** Names that no other test has, but for the topics that are given. */
function namesBeside(given: Readonly<Record<string, string>>): Record<string, string> {
  const run = randomUUID().slice(0, 8)
  return Object.fromEntries(keys.map((key) => [`RAISON_TOPIC_${key}`, given[key] ?? `${key}.${run}`]))
}

const create = (names: Readonly<Record<string, string>>, ...options: string[]): Promise<Run> =>
  runRaison(['topics', '--create', ...options], '', { ...platformEnvironment(), ...names })

test('a state gets as many partitions as the topic that is read, and what is printed is what the cluster has', async () => {
  const { explained } = await createTestTopics(brokers, { explained: 3 })
  const names = namesBeside({ EXPLAINED: explained })
  for (const options of [['--partitions', '2'], []]) {
    const { status, stdout } = await create(names, '--json', ...options)
    const printed = JSON.parse(stdout) as { topic: string; partitions: number; replication: number }[]
    expect(status).toBe(0)
    expect(printed.map(({ topic }) => topic)).toEqual(Object.values(names))
    expect(printed.map(({ partitions }) => partitions)).toEqual([2, 3, 2, 2, 3, 2, 2])
    expect(printed.map(({ replication }) => replication)).toEqual(keys.map(() => 1))
  }
})

test('topics that are all there are refused where the drift monitor would refuse them, with all that is wrong', async () => {
  const { explained, state, drift } = await createTestTopics(brokers, { explained: 3, state: 2, drift: 4 }, ['state'])
  const names = namesBeside({ EXPLAINED: explained, WINDOWS_STATE: state, DRIFT_STATE: drift })
  await create(names)
  const { status, stdout, stderr } = await create(names)
  expect(stderr).toContain('topics: all there\n')
  expect(stderr).toContain(
    `raison: STATE_TOPIC_INVALID: ${state} has 2 of the 3 partitions of ${explained}; ${drift} has cleanup.policy=delete: a state needs `,
  )
  expect(stdout).toContain(`${state}  cleanup.policy=compact`)
  expect(status).toBe(2)
})
