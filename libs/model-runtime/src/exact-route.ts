import type { ExactForm } from '@raison/shapley'
import type { Core } from './find-core.ts'
import type { FrontStep } from './front-steps.ts'
import { applySteps, foldIntoLinear } from './front-steps.ts'
import { readLinearForm } from './linear-form.ts'
import type { ExactRoute, ModelSource, Space } from './model.ts'
import { ModelError } from './model-error.ts'
import type { Link, MarginForm } from './read-out.ts'
import { readTreeForm } from './tree-form.ts'

/** The exact route to a column of the output in the asked space; a text says why there is none. Throws MODEL_SPACE_UNSUPPORTED. */
export function readExactRoute(core: Core, column: number, source: ModelSource): ExactRoute | string {
  const found = readMarginForm(core, column, source.featureNames.length)
  if (typeof found === 'string') return found
  const { link } = found.readOut
  if (source.space === 'log-odds' && link !== 'logistic') throw noLogOdds(source, link)
  if (source.space === 'probability' && link !== 'identity')
    return `contributions to the ${link} of a sum do not add up; explain: ${marginSpace(link)} is exact for this model`

  const { form, steps } = foldSteps(found.form, core.steps)
  const transform = (rows: Float32Array, rowCount: number): void => applySteps(steps, rows, rowCount)
  return { form, transform: steps.length === 0 ? undefined : transform, link }
}

const readMarginForm = ({ node, parsed }: Core, column: number, featureCount: number): MarginForm | string =>
  parsed.kind === 'trees'
    ? readTreeForm(node, parsed.trees, column, featureCount)
    : readLinearForm(node, parsed.linear, column)

const marginSpace = (link: Link): Space => (link === 'logistic' ? 'log-odds' : 'raw')

const noLogOdds = ({ fileName, output }: ModelSource, link: Link): ModelError =>
  new ModelError(
    'MODEL_SPACE_UNSUPPORTED',
    `${fileName}: output "${output}" is no logistic function of a sum, so explain: log-odds does not apply; ` +
      `write explain: ${link === 'softmax' ? 'raw (the margin of the class)' : 'probability or raw'}`,
  )

function foldSteps(form: ExactForm, steps: readonly FrontStep[]): { form: ExactForm; steps: readonly FrontStep[] } {
  if (form.kind === 'trees') return { form, steps }
  const { steps: remaining, coefficients, intercept } = foldIntoLinear(steps, form)
  return { form: { kind: 'linear', coefficients, intercept }, steps: remaining }
}
