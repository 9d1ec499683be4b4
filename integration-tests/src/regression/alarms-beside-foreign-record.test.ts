import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { raiseAlarm } from '../raise-alarm.ts'
import { platformEnvironment, runRaison } from '../run-raison.ts'
import { sendRecords } from '../stream-input.ts'

const brokers = inject('kafkaBrokers').split(',')

// One such record had disabled all three commands while it was retained.
test('a record that is no signal is told, and the alarms beside it are listed and acknowledged', async () => {
  const { drift, windows } = await createTestTopics(brokers, { drift: 1, windows: 1 })
  await sendRecords(brokers, drift, [{ key: 'foreign', value: Buffer.from('no Avro') }])
  await raiseAlarm(drift, 'a-30')
  const raison = (...args: readonly string[]) =>
    runRaison(['drift', ...args, '--topic', drift], '', platformEnvironment())

  const { status, stdout, stderr } = await raison('alarms')
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^a-30 {2}raised .*evidence 10,000 of 2,000$/m),
  })
  expect(stderr).toMatch(/^0\/0 {2}unreadable: .*7 bytes/)
  expect(await raison('ack', 'a-30', '--windows-topic', windows)).toMatchObject({ status: 0 })
})
