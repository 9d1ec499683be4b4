import { spawn } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { platformEnvironment, root, runRaison, startRaison, watchProcess, type Run } from './run-raison.ts'

interface Command {
  readonly page: string
  /** As a reader would type it. */
  readonly line: string
  readonly program: string
  readonly args: readonly string[]
  /** The file that its output goes to. */
  readonly output: string | undefined
  /** The variables written in front of it. */
  readonly variables: NodeJS.ProcessEnv
}

/** Languages of the blocks that a reader types from. */
const shells = ['', 'sh', 'bash', 'shell', 'console']
const pages = globSync(['README.md', 'examples/README.md', 'docs/*.md', 'docs/how-to/*.md'], { cwd: root }).sort()
const commands = pages.flatMap((page) => commandsOf(page, readFileSync(`${root}/${page}`, 'utf8')))

/** Left out, and why. Any other command of the pages is run. */
const notRun: Readonly<Record<string, string>> = {
  'npm cit': 'installs everything and runs these tests: it is what started them',
  'node examples/kafka/read-explanations.mjs':
    'reads until it is stopped: kafka-examples.test.ts runs it beside an explainer',
}

const net = 'examples/loan-demo/bundles/loan-neural-net'

/** What a reader has made in the steps before, or is about to change, and what stands for it here. */
const madeByReader: Record<string, string> = {
  '/tmp/bundles/taiwan-default': 'examples/loan-demo/bundles/loan-xgboost',
  '/tmp/bundles/decisions.jsonl': 'examples/loan-demo/decisions.jsonl',
  'bundles/loan': 'examples/loan-demo/bundles/loan-xgboost',
}

const written = [
  'october.jsonl',
  'november.jsonl',
  'october.explained.jsonl',
  'november.explained.jsonl',
  'drift.html',
  'training.csv',
]
let place: string

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'raison-reader-'))
  for (const name of written) madeByReader[name] = join(place, name)
  madeByReader[net] = await mkdtemp(join(tmpdir(), 'raison-reader-'))
  await cp(`${root}/${net}`, madeByReader[net], { recursive: true })
})

afterAll(async () => {
  for (const directory of [place, madeByReader[net]!]) await rm(directory, { recursive: true })
})

test('the pages hold the commands of a first look', () => {
  const lines = commands.map(({ line }) => line)
  expect(lines).toEqual(expect.arrayContaining(['npm cit', './raison demo', './raison up', './raison topics --create']))
  expect(lines).toEqual(expect.arrayContaining(Object.keys(notRun)))
})

test.for(commands)('$page: $line', async (command, context) => {
  if (command.line in notRun) return context.skip(notRun[command.line])
  expect(command.program).toBeOneOf(['./raison', 'npm', 'node'])
  const { status, stdout, stderr } = await runAsReader(command)
  if (command.output !== undefined) await writeFile(madeByReader[command.output]!, stdout)
  // The example of drift has some.
  const expected = command.line.startsWith('./raison drift --baseline') ? 4 : 0
  expect({ status, trouble: status === expected ? '' : stderr }).toEqual({ status: expected, trouble: '' })
  expect(stdout + stderr).not.toBe('')
})

/** In the order of the pages, as each finds what the one before has made. */
async function runAsReader({ program, args, variables }: Command): Promise<Run> {
  const state = await mkdtemp(join(tmpdir(), 'raison-reader-'))
  onTestFinished(() => rm(state, { recursive: true }))
  const env = {
    ...variables,
    ...platformEnvironment(),
    XDG_STATE_HOME: state,
    RAISON_HEALTH_PORT: '0',
    RAISON_FIT: 'off',
  }
  // The feed ends by itself, sooner than on the page.
  if (program === 'npm') return runProgram('npm', args[1] === 'loans:feed' ? [...args, '--decisions', '2'] : args, env)
  if (program === 'node') return runProgram(process.execPath, args, env)
  const [name] = args
  if (name === 'run') return runUntilReady(args, env)
  if (name === 'demo') return runRaison([...args, '--decisions', '2'], '', env)
  return runRaison(
    args.map((arg) => madeByReader[arg] ?? arg),
    '',
    env,
  )
}

async function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const { ended, stdout, stderr } = watchProcess(spawn(program, args, { cwd: root, env }))
  return { status: await ended, stdout: stdout(), stderr: stderr() }
}

/** A service runs until it is told to end. */
async function runUntilReady(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  const { process, ended, stdout, stderr, shows } = startRaison(args, env)
  onTestFinished(() => void process.kill('SIGKILL'))
  const [, health] = await shows(/"health":"([^"]+)"/)
  await expect.poll(async () => (await fetch(health!)).status, { timeout: 30_000 }).toBe(200)
  process.kill('SIGTERM')
  return { status: await ended, stdout: stdout(), stderr: stderr() }
}

/** The `./raison`, `npm` and `node` lines of a page's shell blocks, without what the shell does around them. */
function commandsOf(page: string, text: string): Command[] {
  const fenced = [...text.matchAll(/^( *)```(.*)\n([^]*?)^\1```/gm)]
  const blocks = fenced.flatMap(([, , language, block]) => (shells.includes(language!) ? [block!] : []))
  const lines = blocks.flatMap((block) => block.replaceAll(/\\\n/g, ' ').split('\n'))
  return lines.flatMap((line) => {
    const [, assignments, written, output] =
      /((?:\b\w+=\S* +)*)((?:\.\/raison|npm|node)\b[^#|<>&;)]*)(?:> (\S+))?/.exec(line) ?? []
    if (written === undefined) return []
    const [program, ...args] = written.trim().split(/\s+/) as [string, ...string[]]
    const variables = Object.fromEntries(assignments!.split(/\s+/).flatMap((each) => (each ? [each.split('=')] : [])))
    return [
      { page, line: [program, ...args].join(' '), program, args, output, variables: variables as NodeJS.ProcessEnv },
    ]
  })
}
