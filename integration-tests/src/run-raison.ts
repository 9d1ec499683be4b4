import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inject } from 'vitest'
// The types of what `inject` gives.
import type {} from '@raison/test-kit'

/** The root of the repository. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url))

/** What nobody who made a mistake should be shown. */
export const stackTrace: RegExp = /\n\s+at .*:\d+/

export interface Program {
  readonly process: ChildProcess
  /** The exit status. */
  readonly ended: Promise<number | null>
  stdout(): string
  stderr(): string
  /** Resolves when standard output or error holds such a text; rejects when the program ends without it. */
  shows(text: RegExp): Promise<RegExpExecArray>
}

/** Starts a service's `main.ts` in a process of its own, as a user would. */
export function startProgram(service: string, args: readonly string[], env: NodeJS.ProcessEnv): Program {
  return watchProcess(spawn(process.execPath, [`${root}/services/${service}/src/main.ts`, ...args], { env, cwd: root }))
}

/** Keeps what a process says. */
export function watchProcess(child: ChildProcessWithoutNullStreams): Program {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin.on('error', () => undefined) // it may have refused its arguments before reading
  const ended = once(child, 'close').then(([status]) => status as number | null)
  return {
    process: child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    async shows(text) {
      let over = false
      void ended.then(() => (over = true))
      for (;;) {
        const found = text.exec(stdout) ?? text.exec(stderr)
        if (found !== null) return found
        if (over) throw new Error(`it ended without showing ${text}:\n${stdout}${stderr}`)
        await nextWords(child, ended)
      }
    },
  }
}

/** Resolves when the process says something more, or has ended; leaves no listener behind. */
async function nextWords({ stdout, stderr }: ChildProcessWithoutNullStreams, ended: Promise<unknown>): Promise<void> {
  const heard = new AbortController()
  const words = [stdout, stderr].map((stream) => once(stream, 'data', { signal: heard.signal }))
  await Promise.race([...words, ended])
  heard.abort()
}

export const startRaison = (args: readonly string[], env: NodeJS.ProcessEnv = process.env): Program =>
  startProgram('cli', args, env)

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the raison command to its end. */
export async function runRaison(
  args: readonly string[],
  input: string | Buffer = '',
  env: NodeJS.ProcessEnv = process.env,
): Promise<Run> {
  const { process, ended, stdout, stderr } = startRaison(args, env)
  process.stdin!.end(input)
  return { status: await ended, stdout: stdout(), stderr: stderr() }
}

/** Where the broker and registry of this run are, as a user would say it. */
export const platformEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  KAFKA_BROKERS: inject('kafkaBrokers'),
  SCHEMA_REGISTRY_URL: inject('schemaRegistryUrl'),
})

/** The JSON lines a command wrote. */
export function jsonLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
