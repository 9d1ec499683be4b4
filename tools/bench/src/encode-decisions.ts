import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { openBundle } from '@raison/explaining'
import { scoreApplications, simulateApplications } from '@raison/loan-demo'
import type { InputRecord } from './line-topics.ts'

/** Simulated applications as the bank publishes them: scored by the bundle's own model, encoded for the topic. */
export async function encodeDecisions(
  bundleDirectory: string,
  registryUrl: string,
  topic: string,
  count: number,
): Promise<InputRecord[]> {
  const opened = await openBundle(bundleDirectory)
  const applications = [...simulateApplications({ seed: 5, count })]
  const decisions = await scoreApplications(opened, applications, { first: 0, decidedAt: '2026-11-22T10:00:00.000Z' })
  await opened.close()
  const encode = createDecisionEncoder(await registerSchemas({ url: registryUrl }, { decisions: topic }))
  return decisions.map((decision) => ({ key: decision.decisionId, value: encode(decision) }))
}
