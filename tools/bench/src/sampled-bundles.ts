import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fitBundle, openBundle } from '@raison/explaining'

/** Rows of a model, row-major, NaN where missing. */
export interface Table {
  readonly columns: readonly string[]
  readonly rowCount: number
  readonly values: Float32Array
}

export interface BundleRecipe {
  readonly name: string
  readonly graph: Uint8Array
  readonly space: 'log-odds' | 'probability'
  readonly reference: Table
  /** Without them a surrogate is fitted to what lies between the reference rows. */
  readonly training: Table | undefined
  /** Columns that are one player. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'raison', 'bench')

/** A file that is expensive to make, kept from one run to the next under the hash of what it is made from. */
export function cachedFile(name: string, parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  mkdirSync(cache, { recursive: true })
  return join(cache, `${name.replaceAll(/[^\w]+/g, '-')}-${hash.digest('hex').slice(0, 12)}`)
}

/** The bundle's directory in the user's cache; written when it is not there, and kept for the artefact fitted beside it. */
export function writeBundle({ name, graph, space, reference, training, groups }: BundleRecipe): string {
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ['model.onnx', graph],
    ['reference.csv', toCsv(reference)],
    ...(training === undefined ? [] : [['training.csv', toCsv(training)] as const]),
    ['bundle.yaml', JSON.stringify(settingsOf(name, space, reference, training, groups))],
  ]
  const directory = cachedFile(name, files.flat())
  if (existsSync(directory)) return directory
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished)
  for (const [file, content] of files) writeFileSync(join(unfinished, file), content)
  renameSync(unfinished, directory)
  return directory
}

/** JSON is YAML. */
function settingsOf(
  name: string,
  explain: BundleRecipe['space'],
  { columns, rowCount }: Table,
  training: Table | undefined,
  groups: BundleRecipe['groups'],
): object {
  return {
    model: { name, version: '1', file: 'model.onnx', explain },
    decision: { adverse: 'high', cutoff: 0.5 },
    reference: { file: 'reference.csv', population: 'all', size: rowCount },
    ...(training && { training: { file: 'training.csv' } }),
    players: Object.entries(groups).map(([player, features]) => ({ name: player, features })),
    features: columns.map((column) => ({ name: column })),
  }
}

function toCsv({ columns, rowCount, values }: Table): string {
  const lines = [columns.join(',')]
  for (let row = 0; row < rowCount; row++) {
    const cells = values.subarray(row * columns.length, (row + 1) * columns.length)
    lines.push(Array.from(cells, (cell) => (Number.isNaN(cell) ? '' : String(cell))).join(','))
  }
  return lines.join('\n') + '\n'
}

/** Fits the bundle's surrogate as `raison fit` does, unless an earlier run has. */
export async function fitOnce(directory: string, maxMinutes: number): Promise<void> {
  const opened = await openBundle(directory)
  const { sampled } = opened
  await opened.close()
  if (sampled === undefined) throw new Error(`${directory} is not explained by sampling`)
  if (sampled.artefactSha256 !== undefined) return
  console.error(`Fitting ${directory}, ${maxMinutes} minutes at most …`)
  const { candidates, fidelity, hybrids, seconds } = await fitBundle(directory, { maxMinutes })
  const errors = candidates.map(({ error, budgetRows }) => `${error.toExponential(1)} at ${budgetRows} rows`)
  console.error(
    `  ${seconds.toFixed(0)} s, ${hybrids} hybrids, R² ${fidelity.toFixed(5)}, candidates: ${errors.join(', ')}`,
  )
}
