import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const reporter = fileURLToPath(new URL('closing-line.ts', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

/** Runs vitest over these files and returns its exit code and what the reporter printed. */
async function runVitest(files: Record<string, string>, ...args: string[]): Promise<{ code: number; lines: string[] }> {
  const root = mkdtempSync(join(tmpdir(), 'raison-reporter-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  symlinkSync(nodeModules, join(root, 'node_modules'))
  const config = `export default { test: { reporters: [${JSON.stringify(reporter)}] } }`
  for (const [name, text] of Object.entries({ ...files, 'vitest.config.mjs': config }))
    writeFileSync(join(root, name), text)
  const vitest = join(nodeModules, 'vitest', 'vitest.mjs')
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, 'run', ...args], { cwd: root }, (error, stdout) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, lines: stdout.trimEnd().split('\n') }),
    )
  })
}

const imports = `import { afterAll, beforeAll, describe, expect, test } from 'vitest'\n`

test('a run that passes ends in its count', async () => {
  const run = await runVitest({ 'a.test.mjs': `${imports}test('a', () => {}); test('b', () => {})` })
  expect(run).toEqual({ code: 0, lines: ['2 passed, 0 failed'] })
})

test('each skipped test is printed with its reason, and they are counted', async () => {
  const run = await runVitest({
    'a.test.mjs': `${imports}
      test('runs', () => {})
      test('needs an engine', (context) => context.skip('no engine here'))
      describe('later', () => { test.todo('this too') })
      test.skip('forgotten', () => {})`,
  })
  expect(run).toEqual({
    code: 0,
    lines: [
      'SKIPPED: a.test.mjs > needs an engine: no engine here',
      'SKIPPED: a.test.mjs > later > this too: still to be written',
      'SKIPPED: a.test.mjs > forgotten: left out in the source, without a reason',
      '1 passed, 0 failed, 3 skipped',
    ],
  })
})

test('a failed test, a file that does not load, a failing hook and an unhandled error each count', async () => {
  const run = await runVitest({
    'a.test.mjs': `${imports}test('fails', () => expect(1).toBe(2)); test('passes', () => {})`,
    'b.test.mjs': `import './missing.mjs'`,
    'c.test.mjs': `${imports}describe('s', () => { beforeAll(() => { throw new Error() }); test('t', () => {}) })`,
    'd.test.mjs': `${imports}afterAll(() => { throw new Error() }); test('passes', () => {})`,
    'e.test.mjs': `${imports}test('passes', () => { Promise.reject(new Error()) })`,
  })
  expect(run).toEqual({
    code: 1,
    lines: ['SKIPPED: c.test.mjs > s > t: not run, its file or suite failed', '3 passed, 5 failed, 1 skipped'],
  })
})

test('a run in which no test ran is a failure', async () => {
  const run = await runVitest({ 'a.test.mjs': `${imports}test('a', () => {})` }, 'nothing-of-this-name')
  expect(run).toEqual({ code: 1, lines: ['0 passed, 1 failed'] })
})
