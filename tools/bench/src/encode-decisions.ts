import { createDecisionEncoder, registerSchemas } from '@raison/events'
import { openBundle } from '@raison/explaining'
import { simulateApplications } from '@raison/loan-demo'
import type { InputRecord } from './line-topics.ts'

/** Simulated applications as the bank publishes them: scored by the bundle's own model, encoded for the topic. */
export async function encodeDecisions(
  bundleDirectory: string,
  registryUrl: string,
  topic: string,
  count: number,
): Promise<InputRecord[]> {
  const { bundle, model, close } = await openBundle(bundleDirectory)
  const applications = [...simulateApplications({ seed: 5, count })].map(
    ({ features }): Readonly<{ [name: string]: number | null }> => features,
  )
  const rows = applications.flatMap((features) => bundle.features.map(({ name }) => features[name] ?? Number.NaN))
  const scores = await model.score(Float32Array.from(rows), count)
  await close()
  const encode = createDecisionEncoder(await registerSchemas({ url: registryUrl }, { decisions: topic }))
  const { adverse, cutoff } = bundle.decision
  return applications.map((features, k) => {
    const score = scores[k]!
    const declined = adverse === 'high' ? score >= cutoff : score <= cutoff
    const decisionId = `LOAN-${String(k).padStart(6, '0')}`
    const value = encode({
      eventId: `${decisionId}-1`,
      decisionId,
      decidedAt: '2026-11-22T10:00:00.000Z',
      model: { name: bundle.model.name, version: bundle.model.version },
      features,
      score,
      outcome: declined ? 'DECLINED' : 'APPROVED',
    })
    return { key: decisionId, value }
  })
}
