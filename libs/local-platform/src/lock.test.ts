import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withLock } from './lock.ts'

async function workplace(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-lock-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A process that takes the lock and, holding it, writes "in" and a moment later "out". */
async function work(directory: string, number: number): Promise<void> {
  const script = `
    import { appendFileSync } from 'node:fs'
    import { setTimeout as pause } from 'node:timers/promises'
    import { withLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)}
    await withLock('${directory}/lock', () => {}, async () => {
      appendFileSync('${directory}/log', 'in ')
      await pause(20)
      appendFileSync('${directory}/log', 'out ')
    })`
  const file = join(directory, `worker-${number}.ts`)
  await writeFile(file, script)
  const [status] = (await once(spawn(process.execPath, [file], { stdio: 'inherit' }), 'exit')) as [number]
  expect(status).toBe(0)
}

const nobody = (): never => expect.unreachable()
const dead = JSON.stringify({ pid: 2 ** 22 + 1, mark: 'raison-no-such-process' })

test.each([
  ['at the same instant', undefined],
  ['and a lock that a killed process left', dead],
  ['and a lock that is ours by its pid, which another program has now', JSON.stringify({ pid: 1, mark: 'no-such' })],
])('of several processes %s each works alone, and nothing stays behind', async (_, left) => {
  const directory = await workplace()
  if (left !== undefined) await symlink(left, join(directory, 'lock'))
  await Promise.all([1, 2, 3, 4].map((number) => work(directory, number)))
  expect(await readFile(join(directory, 'log'), 'utf8')).toBe('in out '.repeat(4))
  expect((await readdir(directory)).filter((name) => name.startsWith('lock'))).toEqual([])
})

test('a process that was killed while it removed an abandoned lock does not hold up the next', async () => {
  const lock = join(await workplace(), 'lock')
  await symlink(dead, lock)
  await symlink(dead, `${lock}.abandoned`)
  expect(await withLock(lock, nobody, () => 'done')).toBe('done')
})

test('says once whom it waits for, and has the lock when that one has failed', async () => {
  const lock = join(await workplace(), 'lock')
  const { promise: held, reject } = Promise.withResolvers<never>()
  const first = withLock(lock, nobody, () => held)
  await expect.poll(() => readlink(lock)).toContain(String(process.pid))
  const waited: number[] = []
  const second = withLock(
    lock,
    ({ pid }) => waited.push(pid),
    () => 'second',
  )
  await expect.poll(() => waited).toEqual([process.pid])
  reject(new Error('first'))
  await expect(first).rejects.toThrow('first')
  expect(await second).toBe('second')
  expect(waited).toHaveLength(1)
})
