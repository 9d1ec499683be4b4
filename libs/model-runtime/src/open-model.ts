import { readExactRoute } from './exact-route.ts'
import { findCore } from './find-core.ts'
import type { Model, ModelOptions, ModelSource } from './model.ts'
import { messageOf, ModelError } from './model-error.ts'
import { readGraph } from './model-graph.ts'
import type { ModelInput } from './model-input.ts'
import { readInput } from './model-input.ts'
import { assertOutput, chooseColumn } from './model-output.ts'
import { tensorTypes } from './onnx-proto.ts'
import type { ScorePool } from './score-pool.ts'
import { openScorePool } from './score-pool.ts'
import type { SessionPlan } from './score-worker.ts'

/** Reads the graph, opens onnxruntime on it and scores one row of zeros; throws ModelError. */
export async function openModel(source: ModelSource, { workers = 1 }: ModelOptions = {}): Promise<Model> {
  const graph = readGraph(source.bytes, source.fileName)
  const input = readInput(graph, source.featureNames.length, source.fileName)
  assertOutput(graph, source.output, source.fileName)
  const { core, acceptsMissing } = findCore(graph, input, source.output, source.fileName)

  const plan = planSession(source, input)
  const pool = openScorePool(plan, workers, source.fileName)
  try {
    const columnCount = await countColumns(pool, source, plan)
    const column = chooseColumn(source.column, columnCount, source.output, source.fileName)
    const exact = typeof core === 'string' ? core : readExactRoute(core, column, source, plan, pool)
    return {
      featureCount: plan.featureCount,
      exact: typeof exact === 'string' ? undefined : exact,
      whyNotExact: typeof exact === 'string' ? exact : undefined,
      acceptsMissing,
      score: async (rows, rowCount) => pickColumn(await pool.run(rows, rowCount), rowCount, column),
      close: () => pool.close(),
    }
  } catch (error) {
    await pool.close()
    throw error
  }
}

/** Larger batches are no faster (measured with trees, linear models and nets); smaller ones pay for each call. */
const batchRows = 256

const planSession = (source: ModelSource, input: ModelInput): SessionPlan => ({
  bytes: source.bytes,
  input: input.name,
  inputType: input.elementType === tensorTypes.double ? 'float64' : 'float32',
  output: source.output,
  featureCount: input.featureCount,
  batchRows: input.fixedRows ?? batchRows,
  isBatchFixed: input.fixedRows !== undefined,
})

async function countColumns(
  pool: ScorePool,
  { fileName }: ModelSource,
  { featureCount }: SessionPlan,
): Promise<number> {
  try {
    return (await pool.run(new Float32Array(featureCount), 1)).length
  } catch (error) {
    const { cause } = error as ModelError
    throw new ModelError(
      'MODEL_REFUSED',
      `${fileName}: onnxruntime refuses it (${messageOf(cause)}); export it for the operators of onnxruntime 1.30`,
      cause,
    )
  }
}

function pickColumn(values: Float64Array, rowCount: number, column: number): Float64Array {
  const columnCount = values.length / rowCount
  return columnCount === 1
    ? values
    : Float64Array.from({ length: rowCount }, (_, i) => values[i * columnCount + column]!)
}
