/**
 * Coalition estimators side by side: median relative squared error by budget on games with known values, and milliseconds
 * of plan and solve, the game itself not counted:
 *   node src/sampling/estimators.bench.ts [games]
 * It runs in Node itself, as exact-trees.bench.ts does, and for the same reason.
 */
import { createRandom, type Random } from '@raison/numerics'
import { antitheticPermutations } from './antithetic-permutations.ts'
import { emptyOf, estimateGame, fullOf, randomGame, streamOf, valuesOf, type KnownGame } from './games.test-data.ts'
import { kernelShap } from './kernel-shap.ts'
import { leverageShap, leverageShapWithReplacement } from './leverage-shap.ts'
import { oddTerms, type OddTerm } from './odd-terms.ts'
import { planPairs } from './plan-pairs.ts'
import { solveResidual } from './solve-residual.ts'
import { treeGame } from './tree-game.test-data.ts'
import { unbiasedKernelShap } from './unbiased-kernel-shap.ts'

const gameCount = Number(process.argv[2] ?? 15)
const sampled = [kernelShap, leverageShap, leverageShapWithReplacement, unbiasedKernelShap, antitheticPermutations]
type Drawn = KnownGame & { readonly oddSupport: readonly OddTerm[] }

const kinds: Readonly<Record<string, (random: Random, n: number) => Drawn>> = {
  'joint payments of up to 4': (random, n) => ({ ...randomGame(random, n, 3 * n), oddSupport: [] }),
  'trees of depth 4': (random, n) => treeGame(random, n, 20, 4),
}
for (const [kind, draw] of Object.entries(kinds))
  for (const n of [12, 23, 60]) {
    const games = Array.from({ length: gameCount }, (_, seed) => draw(streamOf(seed), n))
    const budgets = [4, 16, 64].map((perPlayer) => perPlayer * n)
    say(`${kind}, ${n} players; relative squared error at ${budgets.join(', ')} coalitions`)
    for (const estimator of sampled)
      sayErrors(
        estimator.name,
        (game, budget, seed) => estimateGame(estimator, game, budget, streamOf(seed)).values,
        games,
        budgets,
      )
    if (games[0]!.oddSupport.length > 0)
      sayErrors(
        'odd-terms',
        (game, budget, seed) => estimateGame(oddTerms(game.oddSupport), game, budget, streamOf(seed)).values,
        games,
        budgets,
      )
  }

for (const n of [12, 23, 60]) {
  const game = treeGame(createRandom(1), n, 20, 4)
  const budget = Math.min(16 * n, 2 ** n - 4)
  say(`${n} players; plan and solve in ms at ${budget} coalitions, and of as many pairs with one reference row each`)
  for (const estimator of [...sampled, oddTerms(game.oddSupport)]) {
    const plan = estimator.plan(n, budget, createRandom(1))
    const values = valuesOf(game, plan)
    const [empty, full] = [emptyOf(game), fullOf(game)]
    sayTimes(
      estimator.name,
      () => estimator.plan(n, budget, createRandom(1)),
      () => estimator.solve(plan, values, empty, full),
    )
  }
  const request = { playerCount: n, referenceCount: 100, pairCount: budget }
  const plan = planPairs(request, createRandom(1))
  const differences = Float64Array.from({ length: budget }, createRandom(2).normal)
  sayTimes(
    'residual pairs',
    () => planPairs(request, createRandom(1)),
    () => solveResidual({ plan, pairCount: budget, differences, total: 1, ridge: 100, noise: 1 }),
  )
}

function sayErrors(
  name: string,
  estimate: (game: Drawn, budget: number, seed: number) => Float64Array,
  games: readonly Drawn[],
  budgets: readonly number[],
): void {
  const errors = budgets.map((budget) =>
    median(games.map((game, seed) => relativeError(estimate(game, budget, 1000 + seed), game.shapley))),
  )
  say(`  ${name.padEnd(32)}${errors.map((error) => error.toExponential(1).padStart(10)).join('')}`)
}

function sayTimes(name: string, plan: () => unknown, solve: () => unknown): void {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round < 40; round++) [plan, solve].forEach((run, at) => times[at]!.push(milliseconds(run)))
  const [planning, solving] = times.map((all) => median(all.slice(15)).toFixed(2).padStart(8))
  say(`  ${name.padEnd(32)}${planning}${solving}`)
}

function milliseconds(run: () => unknown): number {
  const start = performance.now()
  run()
  return performance.now() - start
}

function relativeError(values: Float64Array, truth: Float64Array): number {
  const squares = (vector: Float64Array) => vector.reduce((sum, x) => sum + x * x, 0)
  return squares(values.map((value, i) => value - truth[i]!)) / squares(truth)
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
