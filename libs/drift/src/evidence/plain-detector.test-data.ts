/**
 * The detector as its design says it, in the plainest maths: matrices of values, no histograms kept, no logarithms of
 * evidence. For references whose statistics all move. Returns E after each window.
 */
export function plainDetector(n: number, reference: Float64Array): (rows: Float64Array) => number {
  const landmarks = landmarksOf(n, reference)
  const columns = transpose(statisticsOf(n, landmarks, reference))
  const rows = columns[0]!.length
  const logTerm = Math.log((4 * columns.length) / 0.01)
  const watched = columns.map((column, j) => {
    const [a, b] = j < 2 * n ? [quantile(column, 0.001), quantile(column, 0.999)] : [0, 1]
    const x = column.map((value) => clip((value - a) / (b - a), 0, 1))
    const mean = average(x)
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1)
    const radius = Math.sqrt((2 * variance * logTerm) / rows) + (7 * logTerm) / (3 * (rows - 1))
    const highest = (m: number): number =>
      j < 2 * n ? m + radius : highestRate(m * rows, rows, 0.01 / (2 * columns.length))
    const tolerance =
      (j < 2 * n ? Math.max(0.05 * average(columns[j % n]!), 0.001) : Math.max(0.05 * average(column), 0.01)) / (b - a)
    return {
      a,
      b,
      hi: clip(highest(mean) + tolerance, 1e-4, 1 - 1e-6),
      lo: clip(1 - highest(1 - mean) - tolerance, 1e-6, 1 - 1e-4),
    }
  })
  const stakes = Array.from({ length: 6 }, (_, k) =>
    Math.exp(Math.log(0.01) + (k / 5) * (Math.log(0.9) - Math.log(0.01))),
  )
  const R = watched.flatMap(() => [...stakes, ...stakes].map(() => 0))

  return (window) => {
    const values = transpose(statisticsOf(n, landmarks, window))
    let at = 0
    watched.forEach(({ a, b, hi, lo }, j) => {
      const bins = values[j]!.map((value) => Math.min(Math.floor(clip((value - a) / (b - a), 0, 1) * 1024), 1023))
      // What has bins counts as their less favourable edge.
      const upward = j < 2 * n ? bins.map((bin) => bin / 1024) : values[j]!
      const downward = j < 2 * n ? bins.map((bin) => (bin + 1) / 1024) : values[j]!
      for (const g of stakes) {
        const S = upward.reduce((sum, x) => sum + Math.log(1 + (g / hi) * (x - hi)), 0)
        R[at] = (1 + R[at]!) * Math.exp(S)
        at++
      }
      for (const g of stakes) {
        const S = downward.reduce((sum, x) => sum + Math.log(1 + (g / (1 - lo)) * (lo - x)), 0)
        R[at] = (1 + R[at]!) * Math.exp(S)
        at++
      }
    })
    return average(R)
  }
}

interface Landmark {
  readonly usual: number
  readonly lowest: readonly number[]
  readonly highest: readonly number[]
}

function landmarksOf(n: number, reference: Float64Array): Landmark[] {
  return Array.from({ length: n }, (_, i) => {
    const values = Array.from(reference.filter((__, at) => at % (2 * n) === n + i))
    const often = Map.groupBy(values, (value) => value)
    const usual = [...often].toSorted(([, some], [, others]) => others.length - some.length)[0]![0]
    const numbers = [...often.keys()].filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b)
    const tails = (of: readonly number[]) => of.map((__, k) => of.slice(0, k + 1))
    const off = (tail: readonly number[]) =>
      Math.abs(tail.reduce((sum, value) => sum + often.get(value)!.length, 0) / values.length - 0.1)
    const nearest = (of: readonly number[]) => tails(of).toSorted((some, others) => off(some) - off(others))[0]!
    return { usual, lowest: nearest(numbers), highest: nearest(numbers.toReversed()) }
  })
}

function statisticsOf(n: number, landmarks: readonly Landmark[], rows: Float64Array): number[][] {
  return Array.from({ length: rows.length / (2 * n) }, (_, row) => {
    const c = Array.from(rows.subarray(2 * row * n, (2 * row + 1) * n))
    const values = Array.from(rows.subarray((2 * row + 1) * n, (2 * row + 2) * n))
    const total = c.reduce((sum, value) => sum + Math.abs(value), 0)
    const adverse = c.filter((value) => value > 0).sort((one, other) => other - one)
    return [
      ...c.map((value) => Math.abs(value) / total),
      ...c.map((value) => value / total),
      ...c.map((value) => (value > 0 && adverse.indexOf(value) < 4 ? 1 : 0)),
      ...values.map((value, i) => (Object.is(value, landmarks[i]!.usual) ? 1 : 0)),
      ...values.map((value, i) => (landmarks[i]!.lowest.includes(value) ? 1 : 0)),
      ...values.map((value, i) => (landmarks[i]!.highest.includes(value) ? 1 : 0)),
    ]
  })
}

/** The rate at which as few are seen with that chance: Σ_{k ≤ times} C(count, k)·rate^k·(1 − rate)^(count − k) = chance. */
function highestRate(times: number, count: number, chance: number): number {
  const logFactorial = [0]
  for (let k = 1; k <= count; k++) logFactorial.push(logFactorial[k - 1]! + Math.log(k))
  const few = Array.from({ length: Math.round(times) + 1 }, (_, k) => k)
  const logWays = few.map((k) => logFactorial[count]! - logFactorial[k]! - logFactorial[count - k]!)
  let [low, high] = [0, 1]
  for (let step = 0; step < 60; step++) {
    const rate = (low + high) / 2
    const chances = few.map((k) => Math.exp(logWays[k]! + k * Math.log(rate) + (count - k) * Math.log(1 - rate)))
    if (chances.reduce((sum, each) => sum + each, 0) > chance) low = rate
    else high = rate
  }
  return high
}

const clip = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)
const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const transpose = (rows: readonly (readonly number[])[]): number[][] =>
  rows[0]!.map((_, j) => rows.map((row) => row[j]!))

function quantile(values: readonly number[], level: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = level * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return below + (above - below) * (at - Math.floor(at))
}
