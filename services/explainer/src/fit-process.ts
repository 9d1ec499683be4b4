/** A process that fits one bundle and ends. It logs as the explainer does; its argument is a FitOrder as JSON. */
import { constants, setPriority } from 'node:os'
import { ExplainError, fitBundle, type FitStep } from '@raison/explaining'
import { createLog, describeError } from '@raison/service-kit'
import type { ExplainerConfig } from './config.ts'
import { notFitted, toldToEnd } from './fit-bundles.ts'

export interface FitOrder extends Exclude<ExplainerConfig['fit'], 'off'> {
  readonly directory: string
  readonly logLevel: ExplainerConfig['logLevel']
}

const { directory, logLevel, maxMinutes, maxMilliseconds } = JSON.parse(process.argv[2]!) as FitOrder
const log = createLog('explainer', logLevel)
for (const end of ['disconnect', 'SIGTERM', 'SIGINT']) process.once(end, () => process.exit(toldToEnd))
setPriority(constants.priority.PRIORITY_BELOW_NORMAL) // decisions come first

try {
  log.info({ directory, maxMinutes, maxMilliseconds }, 'fit begun')
  const report = await fitBundle(directory, { maxMinutes, milliseconds: maxMilliseconds, say: logSteps() })
  const { sha256, fidelity, hybrids, resumed, seconds, candidates } = report
  const { kind, error, budgetRows } = candidates[0]!
  log.info({ directory, artefact: sha256, kind, error, budgetRows, fidelity, hybrids, resumed, seconds }, 'fitted')
} catch (error) {
  const { message, ...told } = describeError(error)
  if (error instanceof ExplainError && error.code === 'FIT_NOT_NEEDED') log.info({ ...told, directory }, message)
  else {
    log.error({ ...told, directory, reason: message }, notFitted)
    process.exit(1)
  }
}
process.exit(0)

/** Each step once, as it begins. */
function logSteps(): (progress: FitStep) => void {
  const begun = new Set<string>()
  return ({ step }) => {
    if (!begun.has(step)) log.info({ directory }, `fit: ${step}`)
    begun.add(step)
  }
}
