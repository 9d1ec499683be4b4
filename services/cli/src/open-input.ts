import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { CliError } from './report-error.ts'

/**
 * The bytes of a file, or of stdin (`-`), with `what` in lines. Throws INPUT_NOT_LINES for a directory and for gzip: before any
 * output is opened, which would be emptied.
 */
export async function openInput(file: string, what: string): Promise<AsyncIterable<Buffer>> {
  if (file === '-' && process.stdin.isTTY)
    console.error(
      `waiting for ${what} on stdin, one JSON object a line; Ctrl-D ends them, --input names a file instead`,
    )
  const stream: Readable = file === '-' ? process.stdin : await openFile(file, what)
  const chunks: AsyncIterableIterator<Buffer, undefined> = stream[Symbol.asyncIterator]()
  const first = await chunks.next()
  if (first.value?.[0] === 0x1f && first.value[1] === 0x8b)
    throw new CliError('INPUT_NOT_LINES', `${file === '-' ? 'stdin' : file} is gzip: unpack it first, with gunzip`)
  return goOn(first, chunks)
}

async function openFile(file: string, what: string): Promise<Readable> {
  const handle = await open(file)
  if (!(await handle.stat()).isDirectory()) return handle.createReadStream()
  await handle.close()
  throw new CliError('INPUT_NOT_LINES', `${file} is a directory: name a file of ${what}`)
}

async function* goOn(first: IteratorResult<Buffer>, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (!first.done) yield first.value
  yield* rest
}
