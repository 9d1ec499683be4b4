/**
 * Training rows per second, and milliseconds per decision against 100 background rows with the kernel and with its twin in
 * plain TypeScript:
 *   node src/cosine.bench.ts [rounds]
 */
import { createRandom } from '@raison/numerics'
import { fitCosine } from './fit-cosine.ts'
import { loadInference, loadPlain } from './load-inference.ts'
import { prepareCosine } from './prepare-cosine.ts'
import { pairPlanOf, randomNetwork, randomRows, singlePlayers } from './random-network.test-data.ts'

const rounds = Number(process.argv[2] ?? 9)
const batch = 16

for (const units of [256, 512]) {
  const rowCount = 20_000
  const rows = randomRows(createRandom(1), rowCount, 12)
  const targets = Float64Array.from({ length: rowCount }, (_, r) => Math.sin(rows[r * 12]! + rows[r * 12 + 1]!))
  const times: number[] = []
  let last = performance.now()
  const onEpoch = (): void => void times.push(-last + (last = performance.now()))
  fitCosine({ rows, rowCount, featureCount: 12, targets }, { units, epochs: 8, seed: 1 }, { onEpoch })
  // The first epochs hold the start of training and of the kernel.
  const seconds = median(times.slice(2)) / 1000
  const gflops = (rowCount * 4 * 36 * units) / seconds / 1e9
  report(
    `training, 36 inputs, ${units} units: ${Math.round(rowCount / seconds)} rows/s, ${gflops.toFixed(1)} GFLOP/s of products`,
  )
}

for (const [players, units, nodes] of [
  [12, 512, 3],
  [23, 512, 3],
  [12, 256, 3],
  [12, 128, 3],
  [12, 512, 2],
  [23, 512, 4],
] as const) {
  const random = createRandom(2)
  const network = randomNetwork(random, players, units)
  const background = { rows: randomRows(random, 100, players), rowCount: 100 }
  const rows = randomRows(random, batch, players)
  const plan = pairPlanOf(random, players, 128, 100)
  const kinds = [loadInference, loadPlain].map((load) => {
    const surrogate = prepareCosine(network, background, singlePlayers(players), nodes, load)
    return { surrogate, alone: [] as number[], inBatch: [] as number[], pairs: [] as number[] }
  })
  const values = new Float64Array(batch * players)
  const differences = new Float64Array(plan.pairCount)
  for (let round = -3; round < rounds; round++)
    for (const { surrogate, alone, inBatch, pairs } of round % 2 === 0 ? kinds : kinds.toReversed()) {
      const row = rows.subarray(0, players)
      const times = [
        milliseconds(() => surrogate.explainInto(row, 1, values)),
        milliseconds(() => surrogate.explainInto(rows, batch, values)) / batch,
        milliseconds(() => surrogate.pairDifferencesInto(row, plan, differences)),
      ] as const
      if (round < 0) continue
      alone.push(times[0])
      inBatch.push(times[1])
      pairs.push(times[2])
    }
  kinds.forEach(({ alone, inBatch, pairs }, i) =>
    report(
      `${players} players, ${units} units, ${nodes} nodes, ${i === 0 ? 'kernel' : 'plain '}: alone ${summary(alone)}, ` +
        `in batches of ${batch} ${summary(inBatch)}, ${plan.pairCount} pairs ${summary(pairs)}`,
    ),
  )
}

function milliseconds(run: () => void): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

function summary(times: readonly number[]): string {
  return `${median(times).toFixed(2)} ms (${Math.min(...times).toFixed(2)} to ${Math.max(...times).toFixed(2)})`
}

function report(line: string): void {
  process.stdout.write(`${line}\n`)
}
