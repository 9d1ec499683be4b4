import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { platformEnvironment, runRaison } from '../run-raison.ts'
import { sendRecords } from '../stream-input.ts'

const brokers = inject('kafkaBrokers').split(',')

// `list` showed the position, and `show` and `replay` said that nothing lies there.
test('a record of the quarantine that cannot be read is shown and replayed as that, and says why', async () => {
  const { aside } = await createTestTopics(brokers, { aside: 1 })
  await sendRecords(brokers, aside, [{ key: 'foreign', value: Buffer.from('no Avro') }])
  const quarantine = (...args: readonly string[]) =>
    runRaison(['quarantine', ...args, '--topic', aside], '', platformEnvironment())

  expect((await quarantine('list')).stderr).toMatch(/^0\/0 {2}unreadable: the value \(7 bytes\)/)
  const refused = {
    status: 2,
    stderr: expect.stringMatching(/RECORD_UNREADABLE: 0\/0 is no .*: the value \(7 bytes\)/),
  }
  expect(await quarantine('show', '0/0')).toMatchObject(refused)
  expect(await quarantine('replay', '0/0', '--yes')).toMatchObject(refused)
  expect((await quarantine('show', '0/1')).stderr).toContain('QUARANTINE_UNKNOWN')
})
