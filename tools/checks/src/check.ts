import { spawnSync } from 'node:child_process'
import { parseArgs, styleText } from 'node:util'

/** What CI does, in its order; each step is a command anyone can run alone. */
const steps: Readonly<Record<string, readonly string[]>> = {
  format: ['prettier', '--check', '.'],
  references: ['nx', 'sync:check'],
  lint: ['nx', 'run-many', '-t', 'lint', '--exclude', '@raison/lint-canary'],
  canary: ['node', 'tools/checks/src/check-canary.ts'],
  typecheck: ['nx', 'run-many', '-t', 'typecheck'],
  'typecheck-tests': ['tsc', '-p', 'tsconfig.tests.json'],
  unused: ['knip', '--no-config-hints'],
  test: ['vitest', 'run'],
}

const { values } = parseArgs({
  options: {
    skip: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) {
  console.log(`npm run check [-- --skip STEP]\nSteps: ${Object.keys(steps).join(', ')}`)
  process.exit(0)
}
const unknown = values.skip.find((name) => !(name in steps))
if (unknown !== undefined) {
  console.error(`there is no step ${unknown}: one of ${Object.keys(steps).join(', ')}`)
  process.exit(2)
}

const failed: string[] = []
for (const [name, [command, ...args]] of Object.entries(steps)) {
  if (values.skip.includes(name)) continue
  const started = performance.now()
  const { status, stdout, stderr } = spawnSync(command!, args, {
    encoding: 'utf8',
    stdio: name === 'test' ? 'inherit' : 'pipe',
    maxBuffer: 1 << 28,
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${status === 0 ? styleText('green', 'ok  ') : styleText('red', 'FAIL')} ${name} (${seconds} s)`)
  if (status === 0) continue
  failed.push(name)
  console.log(`${stdout ?? ''}${stderr ?? ''}\nRun it alone: npx ${[command, ...args].join(' ')}`)
}
process.exit(failed.length === 0 ? 0 : 1)
