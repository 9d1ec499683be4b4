import { cutModel } from './cut-model.ts'
import { readExactRoute } from './exact-route.ts'
import type { CoreSearch } from './find-core.ts'
import { findCore } from './find-core.ts'
import { marginNode, marginTensor } from './margin-node.ts'
import type { Model, ModelOptions, ModelSource } from './model.ts'
import { messageOf, ModelError } from './model-error.ts'
import { readGraph } from './model-graph.ts'
import { readInput } from './model-input.ts'
import { assertOutput, chooseColumn } from './model-output.ts'
import { tensorTypes } from './onnx-proto.ts'
import type { OutputPlace } from './sampled-route.ts'
import { findOutputPlace, prepareSampledRoute, toReading } from './sampled-route.ts'
import type { ScorePool } from './score-pool.ts'
import { openScorePool } from './score-pool.ts'
import type { Batching, Reading, SessionPlan } from './score-worker.ts'
import { findSteadyBatching, listBatchings } from './steady-batching.ts'
import type { Trial } from './trial-rows.ts'
import { makeTrial } from './trial-rows.ts'

/** Reads the graph, opens onnxruntime on it and tries it with some rows; throws ModelError. */
export async function openModel(source: ModelSource, { workers = 1 }: ModelOptions = {}): Promise<Model> {
  const reading = readModel(source)
  const pool = openScorePool(reading.plan, workers, source.fileName)
  try {
    return await tryOut(source, reading, pool)
  } catch (error) {
    await pool.close()
    throw error
  }
}

interface ModelReading {
  readonly search: CoreSearch
  /** Where the sampled route reads; a text says why nowhere. */
  readonly place: OutputPlace | string
  readonly plan: SessionPlan
  /** How rows may be put into runs, the fastest way first. */
  readonly batchings: readonly Batching[]
}

function readModel(source: ModelSource): ModelReading {
  const { bytes, fileName, output } = source
  const featureCount = source.featureNames.length
  const graph = readGraph(bytes, fileName)
  const input = readInput(graph, featureCount, fileName)
  assertOutput(graph, output, fileName)
  const search = findCore(graph, input, output, fileName)
  const place = findOutputPlace(graph, search, source)

  const models = [cutModel(bytes, graph, tensorsOf(source, place))]
  if (typeof place !== 'string' && place.kind === 'node')
    models.push(cutModel(bytes, graph, [marginTensor], [marginNode(place.scoreNode)]))
  const inputType = input.elementType === tensorTypes.double ? 'float64' : 'float32'
  const isTrees = typeof search.core !== 'string' && search.core.parsed.kind === 'trees'
  return {
    search,
    place,
    plan: { input: input.name, inputType, featureCount, models },
    batchings: listBatchings(isTrees, input.fixedRows),
  }
}

/** What the first session shows: the output, and the margin where the graph has it. */
const tensorsOf = ({ output }: ModelSource, place: OutputPlace | string): string[] =>
  typeof place !== 'string' && place.kind === 'tensor' ? [output, place.tensor] : [output]

async function tryOut(
  source: ModelSource,
  { search, place, plan, batchings }: ModelReading,
  pool: ScorePool,
): Promise<Model> {
  const { fileName, output } = source
  const columnCounts = await countColumns(pool, tensorsOf(source, place), batchings.at(-1)!.step, fileName)
  const column = chooseColumn(source.column, columnCounts[0]!, output, fileName)
  const { core } = search
  const exact = typeof core === 'string' ? core : readExactRoute(core, column, source)

  const score: Reading = { model: 0, tensor: output, terms: [{ column, factor: 1 }], offset: 0 }
  const reading = typeof place === 'string' ? place : toReading(place, score, columnCounts)
  const trial = await acceptedTrial(makeTrial(source.sampleRows, plan.featureCount), pool, score, batchings[0]!)
  const readings = typeof reading === 'string' ? [score] : [score, reading]
  const batching = await findSteadyBatching(batchings, pool, readings, trial)
  // checkParse compares the margins of an exact route.
  const doubt = typeof exact === 'string' && source.space === 'log-odds' ? trial : undefined
  const sampled =
    typeof reading === 'string' ? reading : await prepareSampledRoute(pool, batching, score, reading, doubt)
  return {
    featureCount: plan.featureCount,
    exact: typeof exact === 'string' ? undefined : exact,
    whyNotExact: typeof exact === 'string' ? exact : undefined,
    sampled: typeof sampled === 'string' ? undefined : sampled,
    whyNotSampled: typeof sampled === 'string' ? sampled : undefined,
    acceptsMissing: search.acceptsMissing,
    score: async (rows, rowCount) =>
      (await pool.run({ rows, rowCount, readings: [score], batching, mayMove: false }))[0]!,
    close: () => pool.close(),
  }
}

/** Undefined when the model refuses the rows: a category out of its range, say. */
async function acceptedTrial(
  trial: Trial,
  pool: ScorePool,
  score: Reading,
  batching: Batching,
): Promise<Trial | undefined> {
  try {
    await pool.run({ ...trial, readings: [score], batching, mayMove: false })
    return trial
  } catch {
    return undefined
  }
}

async function countColumns(
  pool: ScorePool,
  tensors: readonly string[],
  step: number,
  fileName: string,
): Promise<number[]> {
  try {
    return await pool.countColumns(tensors, step)
  } catch (error) {
    throw new ModelError(
      'MODEL_REFUSED',
      `${fileName}: onnxruntime refuses it (${messageOf(error)}); export it for the operators of onnxruntime 1.30`,
      error,
    )
  }
}
