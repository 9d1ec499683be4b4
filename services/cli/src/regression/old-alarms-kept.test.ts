import { expect, test } from 'vitest'
import { runRaison } from './run-raison.ts'

// After the broker's seven days an alarm was not listed, and could not be acknowledged or cleared; the monitor let it stand.
test('the topic of the alarms keeps them for ever', async () => {
  const { stdout } = await runRaison('topics', {})
  expect(stdout).toMatch(/^explanations\.drift {2}retention\.ms=-1$/m)
})
