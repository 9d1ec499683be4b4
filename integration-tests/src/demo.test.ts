import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, inject, onTestFinished, test } from 'vitest'

const main = fileURLToPath(new URL('../../services/cli/src/main.ts', import.meta.url))

test('the demo shows as many decisions as asked for, in French, and ends by itself', async () => {
  const demo = startDemo(['--decisions', '3', '--rate', '20', '--lang', 'fr'])
  expect(await demo.ended).toBe(0)
  expect(demo.stdout().match(/LOAN-\d{6}/g)).toHaveLength(3)
  expect(demo.stdout()).toMatch(/REFUSÉ|ACCEPTÉ/)
  expect(demo.stdout()).toMatch(/ {3}1\. █+ +\d+\s%/)
})

test('the demo ends cleanly on Ctrl-C', async () => {
  const demo = startDemo(['--rate', '20'])
  await demo.shows(/LOAN-/)
  demo.process.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(demo.stderr()).not.toMatch(/error|\n\s+at /i)
})

interface Demo {
  readonly process: ReturnType<typeof spawn>
  readonly ended: Promise<number | null>
  stdout(): string
  stderr(): string
  shows(text: RegExp): Promise<void>
}

function startDemo(args: readonly string[]): Demo {
  const env = {
    ...process.env,
    KAFKA_BROKERS: inject('kafkaBrokers'),
    SCHEMA_REGISTRY_URL: inject('schemaRegistryUrl'),
  }
  const child = spawn(process.execPath, [main, 'demo', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return {
    process: child,
    ended: once(child, 'close').then(([status]) => status as number | null),
    stdout: () => stdout,
    stderr: () => stderr,
    shows: async (text) => {
      while (!text.test(stdout)) await once(child.stdout, 'data')
    },
  }
}
