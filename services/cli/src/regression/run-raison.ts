import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command to its end, with no other environment than this. */
export function runRaison(command: string, env: Readonly<Record<string, string>>): Promise<Run> {
  return new Promise((resolve) => {
    const args = [main, ...command.split(' ')]
    const child = execFile(process.execPath, args, { env, timeout: 20_000 }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    )
  })
}
