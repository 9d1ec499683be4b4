import { createTestTopics } from '@raison/test-kit'
import { expect, inject, test } from 'vitest'
import { fillQuarantine } from '../fill-quarantine.ts'
import { platformEnvironment, runRaison } from '../run-raison.ts'

// Keys and messages are of whoever produces decisions.
test('control characters in what was set aside are listed as escapes, a record a line', async () => {
  const { aside } = await createTestTopics(inject('kafkaBrokers').split(','), { aside: 1 })
  await fillQuarantine(aside, [{ key: Buffer.from('k\u001b]0;title\u0007'), message: 'feature in\ncome\u009b2J' }])
  const { stdout } = await runRaison(['quarantine', 'list', '--topic', aside], '', platformEnvironment())
  expect(stdout).toMatch(/^0\/0 {2}\S+ {2}k\\u001b\]0;title\\u0007 {2}.*feature in\\u000acome\\u009b2J\n$/)
})
