import { styleText } from 'node:util'
import { openBundle, worstAdditivityGap, type OpenedBundle } from '@raison/explaining'
import { amountOf } from './amount-of.ts'
import { codeOf } from './report-error.ts'

type SampledRoute = NonNullable<OpenedBundle['sampled']>

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error'
  /** Of an error; its text begins with it. */
  readonly code?: string
  readonly text: string
}

/** Opens a bundle as a service would and says what it found; answers the exit status. */
export async function check(directory: string, { json }: { json?: boolean }): Promise<number> {
  const findings = await findingsOf(directory)
  const usable = findings.every(({ level }) => level !== 'error')
  if (json) console.log(JSON.stringify({ bundle: directory, usable, findings }))
  else findings.forEach((finding) => console.log(toText(finding)))
  return usable ? 0 : 2
}

/** Everything there is to say of a bundle, in order; throws what is no fault of the bundle. */
export async function findingsOf(directory: string): Promise<Finding[]> {
  try {
    const opened = await openBundle(directory)
    const findings = describeOpened(opened)
    await opened.close()
    return findings
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) throw error
    return [fault(code, (error as Error).message)]
  }
}

function describeOpened(opened: OpenedBundle): Finding[] {
  const { bundle, reference } = opened
  const features = `${amountOf(bundle.features.length, 'feature')}${bundle.players.length < bundle.features.length ? ` in ${amountOf(bundle.players.length, 'player')}` : ''}`
  return [
    ok(
      `${bundle.model.name} ${bundle.model.version}: ${features}, ${amountOf(bundle.catalogue.entries.length, 'reason code')}`,
    ),
    ok(`${amountOf(reference.rowCount, 'reference row')}, population ${reference.population}`),
    ...routeOf(opened),
    ...opened.warnings.map((text) => ({ level: 'warning', text }) as const),
  ]
}

function routeOf({ bundle, model, reference, exact, sampled }: OpenedBundle): Finding[] {
  const { explain } = bundle.model
  if (exact !== undefined)
    return [
      `${exact.method} in ${explain}, base value ${exact.explainer.baseValue.toFixed(4)}`,
      `parsed model against onnxruntime on the reference rows: largest difference ${exact.parseGap.toExponential(1)}`,
      `additivity on the reference rows: largest gap ${worstAdditivityGap(exact, reference).toExponential(1)}`,
    ].map(ok)
  if (sampled === undefined)
    return [
      fault(
        'MODEL_NOT_EXPLAINABLE',
        `no exact route: ${model.whyNotExact}; no other in ${explain}: ${model.whyNotSampled}`,
      ),
    ]
  return [
    `${sampled.method} in ${explain}, base value ${sampled.baseValue.toFixed(4)}; no exact route: ${model.whyNotExact}`,
    ...budgetOf(sampled),
  ].map(ok)
}

function budgetOf({ enumerated, players, background, calibration, budgetRows, ...fitted }: SampledRoute): string[] {
  if (enumerated)
    return [`every coalition of the ${players.count} players is asked over all ${background.rowCount} reference rows`]
  const rows = `at most ${budgetRows.toLocaleString('en')} rows of the model a decision`
  if (fitted.artefactFile === undefined) return [rows]
  const { error } = calibration.budgets.find((budget) => budget.rows === budgetRows)!
  return [
    `surrogate of ${fitted.artefactFile}: R² ${fitted.fidelity!.toFixed(4)} on rows that its fit never saw`,
    `${rows}: median relative squared error ${error.toExponential(1)}`,
  ]
}

const ok = (text: string): Finding => ({ level: 'ok', text })
const fault = (code: string, message: string): Finding => ({ level: 'error', code, text: `${code}: ${message}` })

function toText({ level, text }: Finding): string {
  const colour = { ok: 'green', warning: 'yellow', error: 'red' } as const
  return `${styleText(colour[level], level.padEnd(7))} ${text}`
}
