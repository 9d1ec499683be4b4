import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const bundle = fileURLToPath(new URL('../../../../examples/loan-demo/bundles/loan-xgboost', import.meta.url))
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'raison-output-'))
  writeFileSync(join(directory, 'same.jsonl'), [0, 1, 2, 3].map(explanation).join('\n'))
})
afterAll(() => rmSync(directory, { recursive: true }))

const explanation = (k: number): string =>
  JSON.stringify({
    status: 'OK',
    adverse: 'high',
    space: 'log-odds',
    method: 'exact-trees',
    model: { name: 'm', version: '1', sha256: 'm' },
    reference: { sha256: 'r' },
    budget: { rows: 0 },
    contributions: [{ feature: 'income', contribution: k }],
    quality: {},
  })

const watch = ['drift', '--baseline', 'same.jsonl', '--input', 'same.jsonl', '--window', '2']
const commands = [
  watch,
  [...watch, '--json'],
  ['check', bundle],
  ['check', '--json', bundle],
  ['topics'],
  ['topics', '--json'],
].map((args) => [args.join(' '), args] as const)

interface Ended {
  readonly status: number | null
  readonly err: string
}

async function raison(args: readonly string[], stdout: number | 'pipe'): Promise<Ended> {
  const child = spawn(process.execPath, [main, ...args], { cwd: directory, stdio: ['ignore', stdout, 'pipe'] })
  child.stdout?.destroy()
  let err = ''
  child.stderr!.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, err }
}

// `raison drift` died with a stack trace; the others lost their results and answered 0.
describe('what cannot be written', () => {
  test.each(commands)('is an error with its name where the disk is full: raison %s', async (_, args) => {
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const { status, err } = await raison(args, full)
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining('raison: ENOSPC: no space left') })
    expect(err).not.toMatch(stackTrace)
  })

  test.each(commands)('is passed over in silence where the reader has gone: raison %s', async (_, args) => {
    const { status, err } = await raison(args, 'pipe')
    expect({ status, err }).toEqual({ status: 0, err: expect.not.stringMatching(/EPIPE|error/) })
    expect(err).not.toMatch(stackTrace)
  })
})

const stackTrace = /\n\s+at .*:\d+/
