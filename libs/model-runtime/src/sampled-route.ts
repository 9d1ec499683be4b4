import type { CoreSearch } from './find-core.ts'
import type { MarginPlace } from './find-margin.ts'
import { findMargin } from './find-margin.ts'
import { marginTensor } from './margin-node.ts'
import type { ModelSource, SampledRoute } from './model.ts'
import type { ModelGraph } from './model-graph.ts'
import { toSum } from './read-out.ts'
import { readReadOut } from './score-node.ts'
import type { ScorePool } from './score-pool.ts'
import type { Batching, Reading } from './score-worker.ts'
import type { Trial } from './trial-rows.ts'

/** Where f is read: the margin behind the score, or the score itself. */
export type OutputPlace = MarginPlace | { readonly kind: 'score' }

/** Where the space of `explain` is to be read; a text says why log-odds are nowhere. */
export function findOutputPlace(
  graph: ModelGraph,
  { core, trees }: CoreSearch,
  { space, output, column = -1, fileName }: ModelSource,
): OutputPlace | string {
  if (space === 'log-odds') return findMargin(graph, trees, output, column, fileName)
  if (space === 'raw' && typeof core !== 'string') {
    const readOut = readReadOut(core, column)
    if (typeof readOut !== 'string' && readOut.link !== 'identity')
      return { kind: 'node', scoreNode: core, sum: toSum(readOut, 1) }
  }
  return { kind: 'score' }
}

/** `columnCounts`: of the output and of the margin's tensor when the first session shows it. */
export function toReading(place: OutputPlace, score: Reading, columnCounts: readonly number[]): Reading | string {
  if (place.kind === 'score') return score
  if (place.kind === 'node') return { model: 1, tensor: marginTensor, ...place.sum }
  const found = columnCounts.at(-1)!
  if (place.columnCount !== undefined && place.columnCount !== found)
    return `log-odds are the difference of two columns, and the softmax has ${found}; write explain: probability`
  return { model: 0, tensor: place.tensor, ...place.sum }
}

/** The route; a text instead when the log-odds found do not belong to the scores of the rows in `doubt`. */
export async function prepareSampledRoute(
  pool: ScorePool,
  batching: Batching,
  score: Reading,
  output: Reading,
  doubt: Trial | undefined,
): Promise<SampledRoute | string> {
  const run = (rows: Float32Array, rowCount: number, readings: readonly Reading[]): Promise<Float64Array[]> =>
    pool.run({ rows, rowCount, readings, batching, mayMove: true })
  const route: SampledRoute = {
    outputs: async (rows, rowCount) => (await run(rows, rowCount, [output]))[0]!,
    async scoresAndOutputs(rows, rowCount) {
      const [scores, outputs] = await run(rows, rowCount, [score, output])
      return { scores: scores!, outputs: outputs! }
    },
  }
  return (doubt && (await disproveLogOdds(route, doubt))) ?? route
}

/** Float32 sigmoids of onnxruntime are good to some 1e-7. */
const tolerance = 1e-5

async function disproveLogOdds(route: SampledRoute, { rows, rowCount }: Trial): Promise<string | undefined> {
  const { scores, outputs } = await route.scoresAndOutputs(rows.slice(), rowCount)
  const row = scores.findIndex((score, k) => Math.abs(1 / (1 + Math.exp(-outputs[k]!)) - score) > tolerance)
  if (row < 0) return undefined
  return (
    `a score of ${scores[row]} comes with ${outputs[row]} where its log-odds were to be found; ` +
    'write explain: probability'
  )
}
