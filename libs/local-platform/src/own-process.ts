import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A process that outlives the one that started it: a pid may be given to another program, a mark in the arguments not. */
export interface OwnProcess {
  readonly pid: number
  /** A unique word in its command line. */
  readonly mark: string
}

export const isAlive = async ({ pid, mark }: OwnProcess): Promise<boolean> => (await commandLine(pid)).includes(mark)

/** Asks it to end, and after ten seconds makes it. A process that is not ours any more is left alone. */
export async function endProcess(process: OwnProcess): Promise<void> {
  const patience = performance.now() + 10_000
  await signal(process, 'SIGTERM')
  while (await isAlive(process)) {
    if (performance.now() > patience) await signal(process, 'SIGKILL')
    await sleep(50)
  }
}

async function signal(own: OwnProcess, name: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(own))) return
  try {
    process.kill(own.pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Empty when there is no such process, or only its zombie. */
async function commandLine(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return psCommandLine(pid)
  }
}

/** For systems without /proc. */
async function psCommandLine(pid: number): Promise<string> {
  try {
    return (await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)])).stdout
  } catch {
    return ''
  }
}
