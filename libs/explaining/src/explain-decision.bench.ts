/**
 * Microseconds per decision from the decoded event to the encoded explanation, by step, in batches of 500:
 *   node libs/explaining/src/explain-decision.bench.ts [bundle directory] [rounds]
 * The decisions are the bundle's reference rows with seeded noise, scored by its model.
 */
import { createExplanationEncoder } from '@raison/events'
import { createRandom } from '@raison/numerics'
import { explainDecisions, openBundle, type DecisionAt, type OpenedBundle } from './index.ts'

const batchSize = 500
const batchCount = 20
const directory =
  process.argv[2] ?? new URL('../../../examples/loan-demo/bundles/loan-xgboost', import.meta.url).pathname
const rounds = Number(process.argv[3] ?? 7)

const opened = await openBundle(directory)
const encode = createExplanationEncoder({ explained: 1 })
const batches = await simulate(opened)
const times = { explain: [] as number[], encode: [] as number[] }
for (let round = -2; round < rounds; round++) {
  let [explaining, encoding] = [0, 0]
  for (const batch of batches) {
    const begin = performance.now()
    const results = await explainDecisions(batch, { findModel: () => opened })
    const explained = performance.now()
    for (const result of results) if (result.ok) encode(result.value)
    explaining += explained - begin
    encoding += performance.now() - explained
  }
  if (round < 0) continue
  times.explain.push((1000 * explaining) / (batchSize * batchCount))
  times.encode.push((1000 * encoding) / (batchSize * batchCount))
}
for (const [step, values] of Object.entries(times)) {
  const sorted = values.toSorted((a, b) => a - b)
  process.stdout.write(
    `${step}: ${sorted[rounds >> 1]!.toFixed(1)} µs (${sorted[0]!.toFixed(1)} – ${sorted.at(-1)!.toFixed(1)})\n`,
  )
}
await opened.close()

async function simulate({ bundle, reference, model }: OpenedBundle): Promise<DecisionAt[][]> {
  const random = createRandom(5)
  const width = bundle.features.length
  const count = batchSize * batchCount
  const rows = Float32Array.from({ length: count * width }, (_, k) => {
    const value = reference.rows[random.below(reference.rowCount) * width + (k % width)]!
    return Number.isInteger(value) ? value : value * (1 + 0.1 * random.normal())
  })
  const scores = await model.score(rows.slice(), count)
  const decisions = Array.from({ length: count }, (_, k): DecisionAt => {
    const values = bundle.features.map(({ name }, i) => [name, rows[k * width + i]!] as const)
    const features = Object.fromEntries(values.map(([name, value]) => [name, Number.isNaN(value) ? null : value]))
    return {
      position: `decisions.scored/0/${k}`,
      timestamp: '2026-11-22T10:00:00.000Z',
      decision: {
        eventId: `LOAN-${k}-1`,
        decisionId: `LOAN-${k}`,
        decidedAt: '2026-11-22T10:00:00.000Z',
        model: { name: bundle.model.name, version: bundle.model.version },
        features,
        score: scores[k]!,
        outcome: 'DECLINED',
      },
    }
  })
  return Array.from({ length: batchCount }, (_, b) => decisions.slice(b * batchSize, (b + 1) * batchSize))
}
