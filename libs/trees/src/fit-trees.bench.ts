/**
 * Seconds of a fit and R² on fresh rows, beside LightGBM on one thread with the same settings, in alternating order:
 *   RAISON_PEERS_PYTHON=python node src/fit-trees.bench.ts [repetitions] [maxDepth …]
 * The python needs lightgbm and numpy; without one only our side runs. Depths above those of the leaves bound nothing.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRandom } from '@raison/numerics'
import { evaluateTreesInto } from './evaluate-trees.ts'
import type { FitOptions } from './fit-options.ts'
import { fitTrees } from './fit-trees.ts'
import { drawHybrids } from './hybrid-rows.test-data.ts'

interface Outcome {
  readonly seconds: number
  readonly r2: number
}

const python = process.env['RAISON_PEERS_PYTHON']
const [repetitions = 3, ...depths] = process.argv.slice(2).map(Number)
const { training, fresh } = drawHybrids(createRandom(5), { featureCount: 23, training: 60_000, fresh: 20_000 })
const directory = mkdtempSync(join(tmpdir(), 'fit-trees-'))
try {
  for (const [name, { rows, targets }] of Object.entries({ training, fresh })) {
    writeFileSync(join(directory, `${name}.f32`), rows)
    writeFileSync(join(directory, `${name}.f64`), targets)
  }
  for (const maxDepth of depths.length > 0 ? depths : [8]) compare(maxDepth)
} finally {
  rmSync(directory, { recursive: true })
}

function compare(maxDepth: number): void {
  const ours: Outcome[] = []
  const theirs: Outcome[] = []
  for (let i = 0; i < repetitions; i++) {
    const options = {
      rounds: 300,
      leaves: 31,
      learningRate: 0.1,
      minRowsPerLeaf: 20,
      l2: 1,
      bins: 255,
      rowShare: 0.5,
      maxDepth,
      seed: i,
    }
    const steps = [
      () => ours.push(fitOurs(options)),
      () => python !== undefined && theirs.push(fitLightgbm(python, options)),
    ]
    for (const step of i % 2 === 0 ? steps : steps.toReversed()) step()
  }
  process.stdout.write(
    `maxDepth ${maxDepth}: Raison ${summary(ours)}${python === undefined ? '' : `; LightGBM ${summary(theirs)}`}\n`,
  )
}

function fitOurs(options: FitOptions): Outcome {
  const start = performance.now()
  const ensemble = fitTrees(training, options)
  const seconds = (performance.now() - start) / 1000
  const outputs = new Float64Array(fresh.rowCount)
  evaluateTreesInto(ensemble, fresh.rows, fresh.rowCount, outputs)
  return { seconds, r2: rSquared(outputs, fresh.targets) }
}

function fitLightgbm(command: string, options: FitOptions): Outcome {
  const script = fileURLToPath(new URL('fit-trees.bench.py', import.meta.url))
  return JSON.parse(
    execFileSync(command, [script, directory, JSON.stringify(options)], { encoding: 'utf8' }),
  ) as Outcome
}

function rSquared(outputs: Float64Array, targets: Float64Array): number {
  const mean = targets.reduce((sum, target) => sum + target, 0) / targets.length
  const left = targets.reduce((sum, target, i) => sum + (target - outputs[i]!) ** 2, 0)
  return 1 - left / targets.reduce((sum, target) => sum + (target - mean) ** 2, 0)
}

function summary(outcomes: readonly Outcome[]): string {
  return `${median(outcomes.map(({ seconds }) => seconds)).toFixed(2)} s, R² ${median(outcomes.map(({ r2 }) => r2)).toFixed(4)}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
