import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { startProgram } from './run-raison.ts'

export interface ExplainerSettings {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** A directory that holds bundle directories. */
  readonly bundles: string
  readonly group: string
  readonly topics: { readonly decisions: string; readonly explained: string; readonly quarantined: string }
  readonly env?: Readonly<Record<string, string>>
}

export interface RunningExplainer {
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
  env: more = {},
}: ExplainerSettings): Promise<RunningExplainer> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-explainer-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const config = join(directory, 'config.yaml')
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
  const env = { PATH: process.env['PATH'], RAISON_CONFIG: config, ...more }
  const explainer = startProgram('explainer', [], env)
  onTestFinished(() => void explainer.process.kill('SIGKILL'))
  const log = (): string => explainer.stdout() + explainer.stderr()
  let told = false
  const failed = explainer.ended.then((status) =>
    told
      ? new Promise<never>(() => undefined)
      : Promise.reject(new Error(`the explainer ended with ${status}: ${log()}`)),
  )
  failed.catch(() => undefined)
  return {
    failed,
    log,
    stop: () => {
      told = true
      explainer.process.kill('SIGTERM')
      return explainer.ended
    },
  }
}
