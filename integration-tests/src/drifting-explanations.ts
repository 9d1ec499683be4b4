import { createExplanationEncoder, registerSchemas, type DecisionExplanation } from '@raison/events'
import { createRandom } from '@raison/numerics'
import type { InputRecord } from './stream-input.ts'

/** Settings of a monitor, with a small baseline and small windows: a stream of seconds. */
export const smallWindows = { windows: { explanations: 80 }, reference: 1600, runLength: 500, cooldown: 3 }

const features = ['income', 'term', 'âge', 'region', 'late payments']

/** Records for the topic, over four partitions in turn: from the 2,401st on the income moves what it did not before. */
export async function driftingExplanations(
  registryUrl: string,
  topic: string,
  from = '2026-11-01T00:00:00Z',
): Promise<InputRecord[]> {
  const encode = createExplanationEncoder(await registerSchemas({ url: registryUrl }, { explained: topic }))
  const random = createRandom(7)
  return Array.from({ length: 3600 }, (_, k) => {
    const values = features.map((_, j) => (random.uniform() - 0.3) * (j + 1) * (j === 0 && k >= 2400 ? 8 : 1))
    // The keys go over the partitions in turn, whatever their hash is.
    return { key: `decision-${k}`, partition: k % 4, value: encode(explanationOf(k, secondsAfter(from, k), values)) }
  })
}

const secondsAfter = (from: string, seconds: number): string =>
  new Date(Date.parse(from) + seconds * 1000).toISOString()

function explanationOf(k: number, decidedAt: string, values: readonly number[]): DecisionExplanation {
  return {
    explanationId: `explanation-${k}`,
    eventId: `event-${k}`,
    decisionId: `decision-${k}`,
    decidedAt,
    explainedAt: '',
    status: 'OK',
    reviewReasons: [],
    outcome: 'declined',
    score: 0.7,
    space: 'log-odds',
    cutoff: 0,
    adverse: 'high',
    model: { name: 'loans', version: '1', sha256: 'aa' },
    reference: { population: 'all', sha256: 'bb', rows: 100 },
    catalogueVersion: '1',
    policyVersion: '1',
    method: 'exact-trees',
    budget: { rows: 0, seed: '' },
    inputHash: '',
    artefactSha256: undefined,
    softwareVersion: '',
    baseValue: 0,
    modelOutput: 0,
    contributions: features.map((feature, j) => ({ feature, value: j, contribution: values[j]!, interval: undefined })),
    contributionsCut: false,
    quality: {
      additivityGap: 0,
      scoreParityGap: undefined,
      surrogateFidelity: undefined,
      topSettled: true,
      degraded: false,
    },
    reasons: [],
  }
}
