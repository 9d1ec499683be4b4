import { existsSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'

const besideTheRepository = fileURLToPath(new URL('../../../shared', import.meta.url))

/** True explanations of real credit models; not part of the repository. */
export const goldenDir: string = process.env['RAISON_GOLDEN_DIR'] ?? join(besideTheRepository, 'golden')
export const dataDir: string = process.env['RAISON_DATA_DIR'] ?? join(besideTheRepository, 'data')
export const noGolden: string | undefined = existsSync(goldenDir)
  ? undefined
  : 'no golden values here: set RAISON_GOLDEN_DIR to a directory of them'

export interface Table {
  readonly columns: readonly string[]
  /** NaN where a cell is empty. */
  readonly rows: readonly (readonly number[])[]
}

export function readTable(file: string, delimiter = ','): Table {
  const [columns, ...rows] = parse(readFileSync(file), { delimiter, bom: true }) as string[][]
  return { columns: columns!, rows: rows.map((row) => row.map((cell) => (cell === '' ? Number.NaN : Number(cell)))) }
}

export interface GoldenBundle {
  readonly dataset: string
  readonly model: string
  /** Rows of the reference file; the whole of it is used, in its order. */
  readonly reference: 'bg100' | 'bg1000'
}

/** Of a model that has rows of its own, with its own columns; else of its dataset. */
export function goldenFile(dataset: string, model: string, name: string): string {
  const own = join(goldenDir, dataset, model, name)
  return existsSync(own) ? own : join(goldenDir, dataset, name)
}

/** A bundle directory of one golden model, in a temporary place. */
export async function writeGoldenBundle({ dataset, model, reference }: GoldenBundle): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-golden-'))
  const referenceFile = goldenFile(dataset, model, `${reference}.csv`)
  const { columns, rows } = readTable(referenceFile)
  await mkdir(directory, { recursive: true })
  await copyFile(join(goldenDir, dataset, model, 'model.onnx'), join(directory, 'model.onnx'))
  await copyFile(referenceFile, join(directory, 'reference.csv'))
  await writeFile(
    join(directory, 'bundle.yaml'),
    `model: { name: ${dataset}-${model}, version: "1", file: model.onnx, output: probabilities, explain: log-odds }
decision: { adverse: high, cutoff: 0.35 }
reference: { file: reference.csv, population: all, size: ${rows.length} }
features:
${columns.map((name) => `  - { name: ${name} }`).join('\n')}
`,
  )
  return directory
}

/** One JSON line per row, as `raison explain` reads them. */
export function toDecisionLines({ columns, rows }: Table): string {
  return rows
    .map((row, k) =>
      JSON.stringify({
        eventId: `row-${k}`,
        features: Object.fromEntries(columns.map((name, i) => [name, Number.isNaN(row[i]!) ? null : row[i]!])),
      }),
    )
    .join('\n')
}
