/**
 * Explanations a second of processor time of the whole detector: count every explanation, close and weigh every window:
 *   node src/throughput.bench.ts [rounds]
 * 23 features with a skewed scale, windows of 250 and of 1,000. It runs in Node itself: vitest turns every imported constant
 * into a getter call, which the inner loops would pay for.
 */
import { createRandom } from '@raison/numerics'
import { fitBaseline } from './baseline/fit-baseline.ts'
import { createEDetector } from './evidence/e-detector.ts'
import { openWindow, update } from './window/window.ts'

const featureCount = 23
const rows = 20_000
const rounds = Number(process.argv[2] ?? 9)
const random = createRandom(1)
/** Contributions, then values: half of them the usual one. */
const explanations = Float64Array.from({ length: 2 * rows * featureCount }, (_, at) => {
  const i = at % (2 * featureCount)
  return i < featureCount ? (random.normal() + 0.2) / (1 + i) : random.below(2) * random.normal()
})

const fitting = performance.now()
const baseline = fitBaseline({
  features: Array.from({ length: featureCount }, (_, i) => `feature ${i}`),
  adverse: 'high',
  rows: explanations,
})
process.stdout.write(`baseline of ${rows} explanations fitted in ${(performance.now() - fitting).toFixed(0)} ms\n`)
const detector = createEDetector([{ name: '', baseline }], { runLength: 2000 })

const sizes = [250, 1000]
const rates = sizes.map((): { whole: number[]; counting: number[] } => ({ whole: [], counting: [] }))
for (let round = -1; round < rounds; round++)
  for (const s of round % 2 === 0 ? [0, 1] : [1, 0]) {
    const whole = perSecond(() => watch(sizes[s]!))
    const counting = perSecond(count)
    if (round < 0) continue
    rates[s]!.whole.push(whole)
    rates[s]!.counting.push(counting)
  }
sizes.forEach((size, s) =>
  process.stdout.write(
    `windows of ${size}: ${summary(rates[s]!.whole)} explanations/s, counting alone ${summary(rates[s]!.counting)}\n`,
  ),
)

function watch(size: number): void {
  let state = detector.start()
  for (let from = 0; from < rows; from += size) {
    const window = openWindow(baseline.scale)
    for (let row = from; row < from + size; row++) update(window, explanations, row)
    state = detector.step(state, [window]).state
  }
}

function count(): void {
  const window = openWindow(baseline.scale)
  for (let row = 0; row < rows; row++) update(window, explanations, row)
}

function perSecond(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (1e6 * rows) / (user + system)
}

function summary(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const show = (value: number) => Math.round(value).toLocaleString('en')
  return `${show(sorted[sorted.length >> 1]!)} (${show(sorted[0]!)} to ${show(sorted.at(-1)!)})`
}
