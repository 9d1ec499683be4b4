import { styleText } from 'node:util'
import { openBundle, worstAdditivityGap, type OpenedBundle } from '@raison/explaining'
import { codeOf } from './report-error.ts'

export interface Finding {
  readonly level: 'ok' | 'warning' | 'error'
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
    return [{ level: 'error', text: `${code}: ${(error as Error).message}` }]
  }
}

function describeOpened(opened: OpenedBundle): Finding[] {
  const { bundle, model, reference, exact } = opened
  const features = `${bundle.features.length} features${bundle.players.length < bundle.features.length ? ` in ${bundle.players.length} players` : ''}`
  return [
    {
      level: 'ok',
      text: `${bundle.model.name} ${bundle.model.version}: ${features}, ${bundle.catalogue.entries.length} reason codes`,
    },
    { level: 'ok', text: `${reference.rowCount} reference rows, population ${reference.population}` },
    ...(exact === undefined
      ? [{ level: 'error', text: `no exact route: ${model.whyNotExact}` } as const]
      : [
          {
            level: 'ok',
            text: `${exact.method} in ${bundle.model.explain}, base value ${exact.explainer.baseValue.toFixed(4)}`,
          } as const,
          {
            level: 'ok',
            text: `parsed model against onnxruntime on the reference rows: largest difference ${exact.parseGap.toExponential(1)}`,
          } as const,
          {
            level: 'ok',
            text: `additivity on the reference rows: largest gap ${worstAdditivityGap(exact, reference).toExponential(1)}`,
          } as const,
        ]),
    ...opened.warnings.map((text) => ({ level: 'warning', text }) as const),
  ]
}

function toText({ level, text }: Finding): string {
  const colour = { ok: 'green', warning: 'yellow', error: 'red' } as const
  return `${styleText(colour[level], level.padEnd(7))} ${text}`
}
