import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { endProcess, isAlive } from './own-process.ts'

const wait = (mark: string) => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', mark])

test('a process is ended by its pid and its mark', async () => {
  const child = wait('mark-1')
  const own = { pid: child.pid!, mark: 'mark-1' }
  await expect.poll(() => isAlive(own)).toBe(true)
  await endProcess(own)
  expect(await isAlive(own)).toBe(false)
})

test('a pid that now belongs to another program is left alone', async () => {
  const child = wait('somebody-else')
  await expect.poll(() => isAlive({ pid: child.pid!, mark: 'somebody-else' })).toBe(true)
  await endProcess({ pid: child.pid!, mark: 'mark-2' })
  expect(child.exitCode).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
})
