import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'

const main = fileURLToPath(new URL('../../services/explainer/src/main.ts', import.meta.url))

export interface ExplainerSettings {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** A directory that holds bundle directories. */
  readonly bundles: string
  readonly group: string
  readonly topics: { readonly decisions: string; readonly explained: string; readonly quarantined: string }
}

export interface RunningExplainer {
  readonly process: ChildProcess
  /** What it logged so far. */
  log(): string
  /** Rejects when it ends without having been told to. */
  readonly failed: Promise<never>
  /** SIGTERM; answers the exit status. */
  stop(): Promise<number | null>
}

/** The explainer as a process of its own, configured by a file as an operator would. */
export async function startExplainer({
  brokers,
  registryUrl,
  bundles,
  group,
  topics,
}: ExplainerSettings): Promise<RunningExplainer> {
  const config = join(await mkdtemp(join(tmpdir(), 'raison-explainer-')), 'config.yaml')
  await writeFile(
    config,
    stringify({
      kafka: { brokers: [...brokers] },
      registry: { url: registryUrl },
      bundles,
      group,
      topics,
      health: { port: 0 },
    }),
  )
  const env = { PATH: process.env['PATH'], RAISON_CONFIG: config }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = once(child, 'exit') as Promise<[number | null]>
  let told = false
  const failed = ended.then(([status]) =>
    told
      ? new Promise<never>(() => undefined)
      : Promise.reject(new Error(`the explainer ended with ${status}: ${log}`)),
  )
  failed.catch(() => undefined)
  return {
    process: child,
    failed,
    log: () => log,
    stop: async () => {
      told = true
      child.kill('SIGTERM')
      return (await ended)[0]
    },
  }
}
