import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('the last line of a service that a bug has ended has the place of the bug, and no value that its message holds', () => {
  const service = `
    import { runService } from '${new URL('../run-service.ts', import.meta.url).href}'
    await runService('service', () => ({ logLevel: 'info' }), async () => JSON.parse('income 41,234'))`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', service], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stderr).toMatch(/"stack":" {4}at JSON\.parse.*"msg":"SyntaxError: what it says is left out/)
  expect(stderr).not.toContain('income')
})
