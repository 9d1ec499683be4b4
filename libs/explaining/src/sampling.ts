import type { Bundle } from '@raison/bundle'
import type { Model } from '@raison/model-runtime'
import type { Players } from '@raison/shapley'
import { prepareSurrogate, type Calibration, type FittedSurrogate } from '@raison/surrogate'
import { artefactKey, type StoredArtefact } from '@raison/artefact-store'
import { isEnumerated, type Sampling } from './estimate.ts'
import { ExplainError } from './explain-error.ts'
import type { Reference } from './select-reference.ts'

/** The route of models that are explained by asking them. */
export interface SampledRouteReady extends Sampling {
  /** How the explanation names what it did. */
  readonly method: string
  /** Every coalition is asked: nothing is estimated, and there is nothing to fit. */
  readonly enumerated: boolean
  readonly artefactFile: string | undefined
  readonly artefactSha256: string | undefined
  /** R² of the surrogate on rows that it never saw. */
  readonly fidelity: number | undefined
}

/** Without an artefact: many rows, a weak ridge, and intervals by theory alone. */
const budgetsAlone = [1024, 4096].map((rows) => ({ rows, ridge: 1, factor: 1.15, error: Number.NaN }))

/** What the artefact of a bundle was fitted for. */
export function keyOf(bundle: Bundle, reference: Reference): string {
  const players = JSON.stringify(bundle.players.map(({ features }) => features))
  const { sha256, output, column, explain } = bundle.model
  return artefactKey([sha256, output, String(column), explain, reference.sha256, players])
}

/** Undefined when the model cannot be asked in the space of the bundle. Throws ExplainError MODEL_OUTPUT_NOT_FINITE. */
export async function prepareSampling(
  bundle: Bundle,
  model: Model,
  reference: Reference,
  players: Players,
  stored: StoredArtefact | undefined,
): Promise<SampledRouteReady | undefined> {
  if (model.sampled === undefined) return undefined
  const outputs = await model.sampled.outputs(reference.rows.slice(), reference.rowCount)
  const bad = outputs.findIndex((output) => !Number.isFinite(output))
  if (bad >= 0) throw notFinite(bundle, bad, outputs[bad]!)

  const background = { rows: reference.rows, rowCount: reference.rowCount }
  const baseValue = meanOf(outputs)
  const common = {
    route: model.sampled,
    background,
    players,
    baseValue,
    adverseSign: bundle.decision.adverse === 'high' ? 1 : -1,
  } as const
  return stored === undefined ? samplingAlone(common, outputs) : samplingFitted(common, stored)
}

type Common = Pick<SampledRouteReady, 'route' | 'background' | 'players' | 'baseValue' | 'adverseSign'>

function samplingAlone(common: Common, outputs: Float64Array): SampledRouteReady {
  const calibration: Calibration = { noise: 2 * varianceOf(outputs, common.baseValue), budgets: budgetsAlone }
  const asked = { ...common, calibration, budgetRows: budgetsAlone.at(-1)!.rows }
  const enumerated = isEnumerated(asked)
  return {
    ...asked,
    method: enumerated ? 'exact-enumeration' : 'kernel-shap',
    surrogate: undefined,
    enumerated,
    artefactFile: undefined,
    artefactSha256: undefined,
    fidelity: undefined,
  }
}

function samplingFitted(common: Common, { artefact, file, sha256 }: StoredArtefact): SampledRouteReady {
  const { surrogate, calibration, budgetRows, fidelity } = artefact
  return {
    ...common,
    method: `kernel-shap on ${kindOf(surrogate)}`,
    surrogate: prepareSurrogate(surrogate, common.background, common.players),
    calibration,
    budgetRows,
    enumerated: isEnumerated({ ...common, calibration, budgetRows }),
    artefactFile: file,
    artefactSha256: sha256,
    fidelity,
  }
}

/** A surrogate's name. */
export function kindOf({ cosine, trees }: FittedSurrogate): string {
  return [cosine && 'cosine', trees && 'trees'].filter(Boolean).join('+')
}

/** From the first value on, so that equal values have exactly their value for mean. */
function meanOf(values: Float64Array): number {
  const [first = 0] = values
  return first + values.reduce((sum, value) => sum + (value - first), 0) / values.length
}

function varianceOf(values: Float64Array, mean: number): number {
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
}

function notFinite({ model, reference }: Bundle, row: number, output: number): ExplainError {
  return new ExplainError(
    'MODEL_OUTPUT_NOT_FINITE',
    `${model.name} ${model.version} answers ${output} for reference row ${row + 1} of those chosen from ${reference.file}: correct the model, or the row`,
  )
}
