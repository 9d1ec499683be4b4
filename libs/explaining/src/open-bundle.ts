import { readBundle, type Bundle } from '@raison/bundle'
import { checkParse, openModel, type ExactRoute, type Model } from '@raison/model-runtime'
import { prepareExact, type ExactExplainer, type Players } from '@raison/shapley'
import { findArtefact, type ArtefactCache } from '@raison/artefact-store'
import { prepareDescribe, type Describe } from './describe.ts'
import { ExplainError } from './explain-error.ts'
import { defaultPolicy } from './policy.ts'
import { keyOf, prepareSampling, type SampledRouteReady } from './sampling.ts'
import { selectReference, type Reference } from './select-reference.ts'

/** A bundle ready to explain decisions: its model open, its reference chosen, its tables built. */
export interface OpenedBundle {
  readonly bundle: Bundle
  readonly model: Model
  readonly reference: Reference
  /** From its numbers to the explanation of one decision. */
  readonly describe: Describe
  /** Undefined: the model has no exact route; `model.whyNotExact` says why. */
  readonly exact: ExactRouteReady | undefined
  /** Undefined with an exact route, and where the model cannot be asked: `model.whyNotSampled` says why. */
  readonly sampled: SampledRouteReady | undefined
  /** The key of the artefact that is missing: until it is fitted, explanations come from sampling alone. */
  readonly missingArtefact: string | undefined
  readonly warnings: readonly string[]
  close(): Promise<void>
}

export interface ExactRouteReady {
  readonly method: 'exact-trees' | 'exact-linear'
  readonly explainer: ExactExplainer
  readonly link: ExactRoute['link']
  readonly transform: ((rows: Float32Array, rowCount: number) => void) | undefined
  /** Largest difference between the parsed model and onnxruntime over the reference rows. */
  readonly parseGap: number
  /** No row can change the output: there is nothing to attribute. */
  readonly constant: boolean
}

export interface OpenOptions {
  /** Threads that score; no number of them changes an explanation. */
  readonly workers?: number
  /** Where artefacts are found; beside the bundle unless said. */
  readonly artefacts?: Pick<ArtefactCache, 'find'>
}

/** Reads, checks and prepares a bundle directory. Throws BundleError, ModelError, ArtefactError or ExplainError. */
export async function openBundle(directory: string, options: OpenOptions = {}): Promise<OpenedBundle> {
  const { workers = 1, artefacts = { find: findArtefact } } = options
  const bundle = await readBundle(directory)
  const source = {
    bytes: bundle.model.bytes,
    fileName: bundle.model.file,
    featureNames: bundle.features.map((feature) => feature.name),
    output: bundle.model.output,
    column: bundle.model.column,
    space: bundle.model.explain,
    sampleRows: Float32Array.from(bundle.reference.rows.values),
  }
  const model = await openModel(source, { workers })
  try {
    const rows = modelRows(bundle, model)
    const scores = await model.score(rows, bundle.reference.rows.rowCount)
    const reference = selectReference(bundle, scores)
    const players = playersOf(bundle)
    const exact = await prepareExactRoute(bundle, model, reference, players)
    const key = keyOf(bundle, reference)
    const stored = exact === undefined ? await artefacts.find(bundle.directory, key) : undefined
    const sampled = exact === undefined ? await prepareSampling(bundle, model, reference, players, stored) : undefined
    const missingArtefact = isFitted(sampled) ? undefined : key
    const notFitted = missingArtefact === undefined ? [] : [whyDegraded(bundle)]
    const warnings = [...bundle.warnings, ...fewerThanAsked(bundle, reference), ...notFitted]
    const describe = prepareDescribe(bundle, reference, defaultPolicy)
    const close = (): Promise<void> => model.close()
    return { bundle, model, reference, describe, exact, sampled, missingArtefact, warnings, close }
  } catch (error) {
    await model.close()
    throw error
  }
}

/** The whole reference file as model input. */
function modelRows(bundle: Bundle, model: Model): Float32Array {
  const { values, columns } = bundle.reference.rows
  const missing = model.acceptsMissing ? -1 : values.findIndex(Number.isNaN)
  if (missing >= 0)
    throw new ExplainError(
      'BUNDLE_REFERENCE_MISSING_VALUE',
      `${bundle.reference.file}: row ${1 + Math.floor(missing / columns.length)} has no value for ${columns[missing % columns.length]}, and the model has no treatment of missing values: fill the cell, or put an imputer into the model`,
    )
  return Float32Array.from(values)
}

async function prepareExactRoute(
  bundle: Bundle,
  model: Model,
  reference: Reference,
  players: Players,
): Promise<ExactRouteReady | undefined> {
  if (model.exact === undefined) return undefined
  const { form, link, transform } = model.exact
  const parseGap = await checkParse(model, bundle.model.explain, reference.rows, reference.rowCount)

  const background = reference.rows.slice()
  transform?.(background, reference.rowCount)
  const explainer = prepareExact(form, { rows: background, rowCount: reference.rowCount }, players)
  const constant =
    form.kind === 'trees'
      ? form.ensemble.feature.every((feature) => feature < 0)
      : form.coefficients.every((beta) => beta === 0)
  return { method: `exact-${form.kind}`, explainer, link, transform, parseGap, constant }
}

function playersOf(bundle: Bundle): Players {
  const ofFeature = new Int32Array(bundle.features.length)
  bundle.players.forEach((player, index) => player.features.forEach((feature) => (ofFeature[feature] = index)))
  return { count: bundle.players.length, ofFeature }
}

/** The bundle has already said when the file itself is too short. */
function fewerThanAsked({ reference: { file, size, rows, population } }: Bundle, { rowCount }: Reference): string[] {
  if (rowCount >= size || rows.rowCount < size) return []
  return [
    `${file}: ${rowCount} of its ${rows.rowCount} rows belong to the population ${population}, fewer than size: ${size}; all of them are used`,
  ]
}

/** Or nothing to fit. */
function isFitted(sampled: SampledRouteReady | undefined): boolean {
  return sampled === undefined || sampled.surrogate !== undefined || sampled.enumerated
}

function whyDegraded({ directory }: Bundle): string {
  return `nothing is fitted for this model yet, so explanations come from sampling alone: run raison fit ${directory}`
}
