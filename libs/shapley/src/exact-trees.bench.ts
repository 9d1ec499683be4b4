/**
 * Microseconds per decision of the exact explanation of trees, at two background sizes in alternating order:
 *   node src/exact-trees.bench.ts [rounds]
 * Full random trees over 23 features, which have more leaves than trained ones of the same depth. It runs in Node itself:
 * vitest turns every imported constant into a getter call, which the inner loops would pay for.
 */
import { createRandom } from '@raison/numerics'
import { prepareExact, type ExactExplainer } from './exact-explainer.ts'
import { randomEnsemble, randomRows, singlePlayers } from './random-ensemble.test-data.ts'

const featureCount = 23
const batch = 1000
const rounds = Number(process.argv[2] ?? 15)
const rows = randomRows(createRandom(8), batch, featureCount, 0.02)
const values = new Float64Array(batch * featureCount)

for (const { treeCount, depth } of [
  { treeCount: 100, depth: 4 },
  { treeCount: 200, depth: 6 },
]) {
  const cases = [100, 1000].map((rowCount) => measurable(treeCount, depth, rowCount))
  for (const { explainer } of cases) warmUp(explainer)
  for (let round = 0; round < rounds; round++)
    for (const { explainer, inBatch, alone } of round % 2 === 0 ? cases : cases.toReversed()) {
      inBatch.push(microseconds(() => explainer.explainInto(rows, batch, values)) / batch)
      alone.push(microseconds(() => explainOneByOne(explainer)) / batch)
    }
  for (const { rowCount, preparation, inBatch, alone } of cases)
    process.stdout.write(
      `${treeCount} trees of depth ${depth}, ${rowCount} background rows: prepared in ${(preparation / 1000).toFixed(0)} ms; ` +
        `per decision in batches of ${batch} ${summary(inBatch)}, one at a time ${summary(alone)}\n`,
    )
}

function measurable(treeCount: number, depth: number, rowCount: number) {
  const random = createRandom(7)
  const ensemble = randomEnsemble(random, { treeCount, featureCount, depth })
  const background = { rows: randomRows(random, rowCount, featureCount, 0.02), rowCount }
  const players = singlePlayers(featureCount)
  const start = performance.now()
  const explainer = prepareExact({ kind: 'trees', ensemble }, background, players)
  const preparation = (performance.now() - start) * 1000
  return { explainer, rowCount, preparation, inBatch: [] as number[], alone: [] as number[] }
}

function warmUp(explainer: ExactExplainer): void {
  for (let i = 0; i < 3; i++) explainer.explainInto(rows, batch, values)
  explainOneByOne(explainer)
}

function explainOneByOne(explainer: ExactExplainer): void {
  for (let r = 0; r < batch; r++)
    explainer.explainInto(rows.subarray(r * featureCount, (r + 1) * featureCount), 1, values)
}

function microseconds(run: () => void): number {
  const start = performance.now()
  run()
  return (performance.now() - start) * 1000
}

function summary(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!].map((time) => time.toFixed(0))
  return `${median} µs (${least} to ${most})`
}
