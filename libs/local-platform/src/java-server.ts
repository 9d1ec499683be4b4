import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { PlatformError } from './platform-error.ts'
import type { PlatformErrorCode } from './platform-error.ts'

/** One Java program and how to know that it serves. */
export interface JavaServer {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly directory: string
  readonly logFile: string
  readonly isReady: () => boolean | Promise<boolean>
  readonly notReady: PlatformErrorCode
}

/**
 * Runs the server in its own session (Ctrl-C of the terminal does not reach it) and kills it when standard input ends:
 * on `stop`, or when this process is gone, however it went. Then the server's directory goes too; it stays, with its
 * log, when the server ends by itself.
 */
const watched = `
exec 3<&0
directory=$1; shift
"$@" 3<&- </dev/null & server=$!
echo $server >"$directory/pid"
{ cat <&3 >/dev/null; touch "$directory/stopped"; kill -9 $server; } 2>/dev/null & watch=$!
wait $server; status=$?
if [ -e "$directory/stopped" ]; then rm -rf "$directory"; else kill $watch; fi
exit $status`

export function spawnWatched(server: JavaServer): ChildProcess {
  return spawnLogged(
    server,
    'sh',
    ['-c', watched, server.name, server.directory, server.command, ...server.args],
    'pipe',
  )
}

/** Survives this process; whoever starts it must remember the pid. */
export function spawnDetached(server: JavaServer): ChildProcess {
  const child = spawnLogged(server, server.command, server.args, 'ignore')
  child.unref()
  return child
}

function spawnLogged(
  server: JavaServer,
  command: string,
  args: readonly string[],
  stdin: 'pipe' | 'ignore',
): ChildProcess {
  const log = openSync(server.logFile, 'a')
  const child = spawn(command, args, { cwd: server.directory, detached: true, stdio: [stdin, log, log] })
  closeSync(log)
  return child
}

export const readyWithinMs = 120_000

/** Throws with the last lines of the log when the server ends or is not ready in two minutes. */
export async function waitUntilReady(server: JavaServer, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + readyWithinMs
  while (!(await server.isReady())) {
    if (child.exitCode !== null || child.signalCode !== null) throw notReady(server, 'ended before it was ready')
    if (performance.now() > deadline) throw notReady(server, `was not ready in ${readyWithinMs / 1000} s`)
    await sleep(50)
  }
}

function notReady(server: JavaServer, what: string): PlatformError {
  const lines = readFileSync(server.logFile, 'utf8').trimEnd().split('\n').slice(-15)
  return new PlatformError(server.notReady, `${server.name} ${what}; the end of its log:\n${lines.join('\n')}`)
}
