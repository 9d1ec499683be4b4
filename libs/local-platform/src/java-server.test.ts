import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { spawnWatched, waitUntilReady } from './java-server.ts'
import type { JavaServer } from './java-server.ts'

test('a server dies and its directory goes when the process that started it is killed -9', async () => {
  const server = await shellServer('echo $$ > pid; exec sleep 300')
  const starter = `import { spawnWatched } from ${JSON.stringify(new URL('./java-server.ts', import.meta.url).href)}
    spawnWatched(${JSON.stringify(server)})`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', starter])
  const pidFile = join(server.directory, 'pid')
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 20_000 }).toBeTruthy()
  const pid = Number(readFileSync(pidFile, 'utf8'))
  expect(exists(pid)).toBe(true)

  parent.kill('SIGKILL')
  await expect.poll(() => exists(pid), { timeout: 20_000 }).toBe(false)
  await expect.poll(() => existsSync(server.directory), { timeout: 20_000 }).toBe(false)
})

test('a server that ends too early is an error that shows the end of its log', async () => {
  const server = await shellServer('echo the disk is full; exit 1')
  await expect(waitUntilReady(server, spawnWatched(server))).rejects.toMatchObject({
    code: 'BROKER_NOT_READY',
    message: 'Kafka ended before it was ready; the end of its log:\nthe disk is full',
  })
})

async function shellServer(script: string): Promise<JavaServer> {
  const directory = await temporaryDirectory()
  return {
    name: 'Kafka',
    command: 'sh',
    args: ['-c', script],
    directory,
    logFile: join(directory, 'log'),
    isReady: () => false,
    notReady: 'BROKER_NOT_READY',
  }
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
