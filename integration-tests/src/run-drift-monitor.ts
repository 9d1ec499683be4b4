import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { startProgram } from './run-raison.ts'

export interface MonitorTopics {
  readonly explained: string
  readonly windows: string
  readonly windowsState: string
  readonly drift: string
  readonly driftState: string
}

export interface MonitorSettings {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly group: string
  readonly topics: MonitorTopics
  /** Of the configuration file. */
  readonly more?: object
}

export interface RunningMonitor {
  log(): string
  /** SIGTERM, once it has started: before, a signal ends any program as SIGKILL does. Answers the exit status. */
  stop(): Promise<number | null>
  /** SIGKILL. */
  kill(): Promise<unknown>
}

/** The drift monitor as a process of its own. */
export async function startDriftMonitor(settings: MonitorSettings): Promise<RunningMonitor> {
  const { brokers, registryUrl, group, topics, more = {} } = settings
  const directory = await mkdtemp(join(tmpdir(), 'raison-drift-monitor-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const config = join(directory, 'config.yaml')
  const kafka = { brokers: [...brokers], sessionTimeoutMs: 6000 }
  const content = { kafka, registry: { url: registryUrl }, group, topics, health: { port: 0 }, ...more }
  await writeFile(config, stringify(content))
  const env = { PATH: process.env['PATH'], RAISON_CONFIG: config }
  const monitor = startProgram('drift-monitor', [], env)
  onTestFinished(() => void monitor.process.kill('SIGKILL'))
  return {
    log: () => monitor.stdout() + monitor.stderr(),
    async stop() {
      await monitor.shows(/"msg":"started"/)
      monitor.process.kill('SIGTERM')
      return monitor.ended
    },
    kill: () => (monitor.process.kill('SIGKILL'), monitor.ended),
  }
}
