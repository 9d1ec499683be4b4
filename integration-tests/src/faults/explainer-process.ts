import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../../services/explainer/src/main.ts', import.meta.url))

/** A real explainer, configured by a file as an operator would. */
export interface ExplainerProcess {
  /** Its Kafka client id, by which its frames are known. */
  readonly name: string
  readonly process: ChildProcess
  /** The exit status, or the signal that ended it. */
  readonly ended: Promise<number | string>
  over(): boolean
  log(): string
}

export async function startExplainerProcess(name: string, settings: object): Promise<ExplainerProcess> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-faults-explainer-'))
  const config = join(directory, 'config.json')
  await writeFile(config, JSON.stringify(settings))
  const env = { PATH: process.env['PATH'], RAISON_CONFIG: config }
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text))
  let over = false
  const ended = once(child, 'close').then(async ([status, signal]) => {
    over = true
    await rm(directory, { recursive: true, force: true })
    return (status ?? signal) as number | string
  })
  return { name, process: child, ended, over: () => over, log: () => log }
}
