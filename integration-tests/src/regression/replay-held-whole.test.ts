import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { fillQuarantine } from '../fill-quarantine.ts'
import { readRecords } from '../read-records.ts'
import { platformEnvironment, runRaison } from '../run-raison.ts'

const brokers = inject('kafkaBrokers').split(',')

// Every record was held in memory until it was sent.
test('a quarantine that is larger than what is held at a time is replayed whole, in order, each record once', async () => {
  const { aside, decisions } = await createTestTopics(brokers, { aside: 1, decisions: 1 })
  const offsets = Array.from({ length: 80 }, (_, offset) => offset)
  const value = Buffer.alloc(900_000)
  for (const offset of offsets) await fillQuarantine(aside, [{ topic: decisions, offset, value }])

  const replay = ['quarantine', 'replay', '--all', '--yes', '--json', '--topic', aside]
  const { stdout } = await runRaison(replay, '', platformEnvironment())
  expect(JSON.parse(stdout)).toEqual({ dryRun: false, replayed: offsets.map((offset) => `0/${offset}`), left: 0 })
  const sent = await readRecords(brokers, decisions)
  expect(sent.map(({ headers }) => headers!['raison-replay-of']!.toString())).toEqual(
    offsets.map((offset) => `${decisions}/0/${offset}`),
  )
})
