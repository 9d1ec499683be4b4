import { createRandom } from '@raison/numerics'
import { bench, describe } from 'vitest'
import { prepareExact } from './exact-explainer.ts'
import { randomEnsemble, randomRows, singlePlayers } from './random-ensemble.test-data.ts'

// Full random trees over 23 features: more leaves than a trained model of the same depth has. Times are per batch.
const featureCount = 23
const options = { warmupIterations: 3, iterations: 15 }

for (const { treeCount, depth } of [
  { treeCount: 100, depth: 4 },
  { treeCount: 200, depth: 6 },
])
  describe(`${treeCount} trees of depth ${depth}`, () => {
    for (const rowCount of [100, 1000]) {
      const random = createRandom(7)
      const ensemble = randomEnsemble(random, { treeCount, featureCount, depth })
      const background = { rows: randomRows(random, rowCount, featureCount, 0.02), rowCount }
      const explainer = prepareExact({ kind: 'trees', ensemble }, background, singlePlayers(featureCount))
      const rows = randomRows(random, 1000, featureCount, 0.02)
      const values = new Float64Array(1000 * featureCount)
      for (const batch of [1000, 1])
        bench(
          `${batch} decision${batch > 1 ? 's' : ''} against ${rowCount} background rows`,
          () => explainer.explainInto(rows, batch, values),
          options,
        )
    }
  })
