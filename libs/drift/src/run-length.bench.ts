/**
 * The promise of the e-detector where it is tightest, measured without censoring: independent explanations whose statistics
 * have exactly the largest means that are no drift. Windows to the first alarm, on average, divided by A:
 *   node src/run-length.bench.ts [repetitions]
 */
import { createRandom, type Random } from '@raison/numerics'
import type { Baseline } from './baseline/baseline.ts'
import { createEDetector, type EDetector } from './evidence/e-detector.ts'
import { noLandmarks } from './statistics/landmarks.ts'
import { binCount, binnedCount, watchedCount } from './statistics/scale.ts'
import { firstOfIndicators, openWindow, type Window } from './window/window.ts'

const repetitions = Number(process.argv[2] ?? 300)
const rowsPerWindow = 20
const featureCount = 6

/** Draws a bin whose lower edge has the mean `mean` over draws: the upward bets are then fair games. */
interface Population {
  readonly name: string
  readonly mean: number
  readonly draw: (random: Random) => number
  /** Explanations, in which what is only so or not so is so as often as this; else plain values. */
  readonly often?: number
}

const last = (binCount - 1) / binCount
const populations: readonly Population[] = [
  { name: 'two values, mean .1', mean: 0.1 * last, draw: (random) => (random.uniform() < 0.1 ? binCount - 1 : 0) },
  { name: 'two values, mean .02', mean: 0.02 * last, draw: (random) => (random.uniform() < 0.02 ? binCount - 1 : 0) },
  { name: 'uniform', mean: last / 2, draw: (random) => random.below(binCount) },
  { name: 'uniform, and indicators of .1', mean: last / 2, often: 0.1, draw: (random) => random.below(binCount) },
]

for (const runLength of [20, 100])
  for (const population of populations) {
    const random = createRandom(runLength)
    const baseline = atTheBoundary(population)
    const detector = createEDetector([{ name: '', baseline }], { runLength })
    const lengths = Array.from({ length: repetitions }, () => windowsToAlarm(population, baseline, detector, random))
    const mean = lengths.reduce((sum, length) => sum + length, 0) / repetitions
    const error = Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0)) / repetitions
    process.stdout.write(
      `A = ${runLength}, ${population.name}: average run length ${mean.toFixed(1)} ± ${error.toFixed(1)} windows of ` +
        `${rowsPerWindow}, ratio ${(mean / runLength).toFixed(2)}\n`,
    )
  }

function windowsToAlarm(population: Population, baseline: Baseline, detector: EDetector, random: Random): number {
  for (let state = detector.start(); ;) {
    const step = detector.step(state, [draw(population, baseline, random)])
    if (step.alarm !== undefined) return step.alarm.window + 1
    state = step.state
  }
}

/** No tolerance and no uncertainty: both bounds of every statistic are its mean, as its bins are weighed. */
function atTheBoundary({ mean, often }: Population): Baseline {
  const features = Array.from({ length: featureCount }, (_, i) => `feature ${i}`)
  const adverse = often === undefined ? undefined : 'high'
  const binned = binnedCount({ features, adverse })
  const [low, high] = [new Float64Array(binned), new Float64Array(binned).fill(1)]
  const cuts = new Float64Array(featureCount)
  const landmarks = often === undefined ? noLandmarks : { usual: cuts, lowest: cuts, highest: cuts }
  const scale = { features, adverse, low, high, ...landmarks, resolution: 1 } as const
  const bounds = Float64Array.from({ length: 2 * watchedCount(scale) }, (_, side) => {
    const [from, to] = side < 2 * binned ? [mean, last - mean] : [often!, 1 - often!]
    return side % 2 === 0 ? from : to
  })
  return { scale, reference: openWindow(scale), bounds, constant: new Uint8Array(binned), warmingUp: false }
}

function draw({ draw, often = 0 }: Population, { scale }: Baseline, random: Random): Window {
  const window = openWindow(scale)
  const first = firstOfIndicators(scale)
  for (let row = 0; row < rowsPerWindow; row++) {
    for (let j = 0; j < scale.low.length; j++) window.counts[j * binCount + draw(random)]!++
    for (let at = first; at < window.counts.length; at++) window.counts[at]! += random.uniform() < often ? 1 : 0
  }
  return { ...window, explanations: rowsPerWindow }
}
