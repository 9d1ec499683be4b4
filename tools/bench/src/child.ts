import { spawn } from 'node:child_process'
import { once } from 'node:events'

export interface Child {
  readonly pid: number
  /** Rejects, with what it wrote, when it ends without having been told to. */
  readonly failed: Promise<never>
  /** SIGTERM, and waits for its end; SIGKILL when that does not come. */
  stop(): Promise<void>
}

const stopWithinMs = 30_000

/** A Node process of its own; `nodeArguments` end in the script. */
export function startChild(nodeArguments: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(process.execPath, nodeArguments, {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = once(child, 'exit')
  let told = false
  const failed = ended.then(([status]) => {
    if (!told) throw new Error(`${nodeArguments.at(-1)} ended with ${status}: ${log}`)
    return new Promise<never>(() => undefined)
  })
  failed.catch(() => undefined)
  return {
    pid: child.pid!,
    failed,
    async stop() {
      told = true
      child.kill('SIGTERM')
      const impatient = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
      await ended
      clearTimeout(impatient)
    },
  }
}
