import { createHash } from 'node:crypto'
import type { MonitoredExplanation } from '@raison/events'

/** What explanations must have in common to be compared: a change of any of it is no drift, but another baseline. */
export interface BaselineIdentity {
  readonly modelSha256: string
  readonly referenceSha256: string
  readonly method: string
  /** Configured, in model rows; what one decision spent is not part of it. */
  readonly budgetRows: number
  readonly artefactSha256: string | undefined
  readonly space: string
}

export function baselineIdentityOf(explanation: MonitoredExplanation): BaselineIdentity {
  const { model, reference, method, budget, artefactSha256, space } = explanation
  return {
    modelSha256: model.sha256,
    referenceSha256: reference.sha256,
    method,
    budgetRows: budget.rows,
    artefactSha256,
    space,
  }
}

/** Hex sha256 of the identity. */
export function baselineKeyOf(explanation: MonitoredExplanation): string {
  const { modelSha256, referenceSha256, method, budgetRows, artefactSha256, space } = baselineIdentityOf(explanation)
  const parts = [modelSha256, referenceSha256, method, budgetRows, artefactSha256 ?? null, space]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
