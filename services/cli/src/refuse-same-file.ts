import { fstatSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CliError } from './report-error.ts'

/** An option, and the file that it names; `-` is stdin. */
type Named = readonly [option: string, file: string]

/** Before anything is written: who mistypes a name must not lose what is read. Throws CliError USAGE. */
export async function refuseSameFile([reads, input]: Named, [writes, output]: Named): Promise<void> {
  const from = input === '-' ? statOfStdin() : await findStat(input)
  const to = await findStat(output)
  if (from?.isFile() && to !== undefined && from.dev === to.dev && from.ino === to.ino)
    throw new CliError('USAGE', `${reads} and ${writes} are the same file, ${output}: write to another one`)
}

const findStat = (file: string): Promise<Stats | undefined> => stat(file).catch(() => undefined)

/** Undefined where it is closed. */
function statOfStdin(): Stats | undefined {
  try {
    return fstatSync(0)
  } catch {
    return undefined
  }
}
