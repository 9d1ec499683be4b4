import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

// `raison drift … < november.jsonl --html november.jsonl` wrote its page over the explanations.
test.each([
  ['drift', '--baseline', 'none.jsonl', '--html'],
  ['explain', '--bundle', 'none', '--output'],
])('raison %s does not write over the file that stdin is', (...args) => {
  const directory = mkdtempSync(join(tmpdir(), 'raison-stdin-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'november.jsonl')
  writeFileSync(file, 'what is read')
  const stdin = openSync(file, 'r')
  onTestFinished(() => closeSync(stdin))

  const run = spawnSync(process.execPath, [main, ...args, file], { stdio: [stdin, 'pipe', 'pipe'], encoding: 'utf8' })
  expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining('--input and --') })
  expect(run.stderr).toContain('are the same file')
  expect(readFileSync(file, 'utf8')).toBe('what is read')
})
