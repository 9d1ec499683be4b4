import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { downPlatform } from './background-platform.ts'
import { readState, writeState } from './platform-state.ts'

const state = {
  brokers: ['127.0.0.1:9092'],
  registryUrl: 'http://127.0.0.1:8081',
  how: 'Kafka on a local JVM',
  processes: [{ pid: 12, mark: '-Draison.platform=1' }],
}

async function home(): Promise<{ env: NodeJS.ProcessEnv; file: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-state-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  const file = join(directory, 'raison', 'platform.json')
  await mkdir(dirname(file))
  return { env: { XDG_STATE_HOME: directory }, file }
}

test('a state is read as it was written, and none where none was', async () => {
  const { env } = await home()
  expect(await readState(env)).toBeUndefined()
  await writeState(state, env)
  expect(await readState(env)).toEqual(state)
})

test.each([
  ['cut short', JSON.stringify(state).slice(0, 40)],
  ['of something else', '[]'],
  ['null', 'null'],
  ['of a process with a mark that every process has', JSON.stringify({ ...state, processes: [{ pid: 12, mark: '' }] })],
])('a file %s is not taken for "nothing is up"', async (_, text) => {
  const { env, file } = await home()
  await writeFile(file, text)
  const down = downPlatform({ say: () => expect.unreachable(), env })
  await expect(down).rejects.toMatchObject({
    code: 'STATE_UNREADABLE',
    message: expect.stringContaining(file) as string,
  })
})

test('nor is one that cannot be opened', async () => {
  const { env, file } = await home()
  await mkdir(file)
  await expect(readState(env)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' })
})
