import { stat } from 'node:fs/promises'
import { CliError } from './report-error.ts'

/** An option, and the file that it names. */
type Named = readonly [option: string, file: string]

/** Before anything is written: who mistypes a name must not lose what is read. Throws CliError USAGE. */
export async function refuseSameFile([reads, input]: Named, [writes, output]: Named): Promise<void> {
  const [from, to] = await Promise.all([input, output].map((file) => stat(file).catch(() => undefined)))
  if (from?.isFile() && to !== undefined && from.dev === to.dev && from.ino === to.ino)
    throw new CliError('USAGE', `${reads} and ${writes} are the same file, ${output}: write to another one`)
}
