/**
 * Microseconds per row of a model's score and log-odds, by the shape of runs, rows per call and workers; median (and lowest)
 * of the rounds. The numbers of docs/decisions/0007:
 *   node libs/model-runtime/src/score-rows.bench.ts [rounds]
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { cutModel } from './cut-model.ts'
import { findMargin } from './find-margin.ts'
import { readGraph } from './model-graph.ts'
import type { ScorePool } from './score-pool.ts'
import { openScorePool } from './score-pool.ts'
import type { Batching, Reading } from './score-worker.ts'
import { dense, encodeNet, spread, step } from './small-nets.test-data.ts'

const rounds = Number(process.argv[2] ?? 7)
const golden = process.env['RAISON_GOLDEN_DIR'] ?? fileURLToPath(new URL('../../../../shared/golden', import.meta.url))
const demo = new URL('../../../examples/loan-demo/bundles/loan-neural-net/model.onnx', import.meta.url)
const deep = [dense([23, 256, 256, 128, 1]), step('Sigmoid', ['logits'], 'probabilities')]

const nets: readonly [name: string, featureCount: number, bytes: Uint8Array][] = [
  ['demo net 24-12', 23, readFileSync(demo)],
  ['net 256-256-128', 23, encodeNet(23, deep, ['probabilities'])],
  ...(['mlp12', 'mlp'] as const).flatMap((name): [string, number, Uint8Array][] => {
    const file = `${golden}/taiwan/${name}/model.onnx`
    if (existsSync(file)) return [[`taiwan ${name} 64-32`, name === 'mlp12' ? 12 : 23, readFileSync(file)]]
    process.stdout.write(`taiwan ${name} is left out: no golden files at ${golden}\n`)
    return []
  }),
]
const batchings: readonly Batching[] = [
  { step: 16, most: 64 },
  { step: 16, most: 256 },
  { step: 16, most: 1024 },
  { step: 16, most: 4096 },
  { step: 256, most: 256 },
  { step: 1, most: 1 },
]
const rowCounts = [1, 257, 1025, 16_384]

for (const [name, featureCount, bytes] of nets)
  for (const workers of [1, 2]) {
    const { pool, readings } = open(bytes, featureCount, workers)
    const times = batchings.map(() => rowCounts.map(() => [] as number[]))
    for (let round = -1; round < rounds; round++)
      for (const [b, batching] of batchings.entries())
        for (const [r, rowCount] of rowCounts.entries()) {
          if (batching.most === 1 && rowCount > 2000) continue
          const microseconds = await time(pool, readings, batching, rowCount, featureCount)
          if (round >= 0) times[b]![r]!.push(microseconds / rowCount)
        }
    print(name, workers, times)
    await pool.close()
  }

function open(bytes: Uint8Array, featureCount: number, workers: number): { pool: ScorePool; readings: Reading[] } {
  const graph = readGraph(bytes, 'model.onnx')
  const place = findMargin(graph, new Map(), 'probabilities', -1, 'model.onnx')
  if (typeof place === 'string' || place.kind !== 'tensor') throw new Error(`no net: ${JSON.stringify(place)}`)
  const models = [cutModel(bytes, graph, ['probabilities', place.tensor])]
  const score = { model: 0, tensor: 'probabilities', terms: [{ column: -1, factor: 1 }], offset: 0 }
  return {
    pool: openScorePool({ input: 'input', inputType: 'float32', featureCount, models }, workers, 'model.onnx'),
    readings: [score, { model: 0, tensor: place.tensor, ...place.sum }],
  }
}

/** Of one call, the mean over some 4,000 rows or 20 calls. */
async function time(
  pool: ScorePool,
  readings: readonly Reading[],
  batching: Batching,
  rowCount: number,
  featureCount: number,
): Promise<number> {
  const calls = Math.min(20, Math.ceil(4096 / rowCount))
  const given = Array.from({ length: calls }, () => Float32Array.from(spread(rowCount * featureCount, 3)))
  const begin = performance.now()
  for (const rows of given) await pool.run({ rows, rowCount, readings, batching, mayMove: true })
  return (1000 * (performance.now() - begin)) / calls
}

function print(name: string, workers: number, times: readonly (readonly number[][])[]): void {
  process.stdout.write(
    `\n${name}, ${workers} worker${workers > 1 ? 's' : ''}; rows per call: ${rowCounts.join(', ')}\n`,
  )
  for (const [b, { step, most }] of batchings.entries()) {
    const cells = times[b]!.map((values) => {
      if (values.length === 0) return '–'
      const sorted = values.toSorted((x, y) => x - y)
      return `${sorted[values.length >> 1]!.toFixed(2)} (${sorted[0]!.toFixed(2)})`
    })
    const title = `multiples of ${step}, at most ${most}`.padEnd(30)
    process.stdout.write(`  ${title}${cells.map((cell) => cell.padStart(18)).join('')}\n`)
  }
}
