/** Sines and cosines in float32 operations, the same as in kernel/assembly/sin-cos.ts. */

const { fround } = Math

const sineSeries = Float32Array.of(-1 / 39916800, 1 / 362880, -1 / 5040, 1 / 120, -1 / 6)
const cosineSeries = Float32Array.of(1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -0.5, 1)
const inversePi = fround(1 / Math.PI)
/** π in three parts. */
const pi = Float32Array.of(3.140625, 9.67502593994140625e-4, 1.509957990978376432e-7)
/** Adding and taking away 1.5·2²³ rounds a float32 to the nearest whole number. */
const rounding = 1.5 * 2 ** 23

export function sine(x: number): number {
  const turns = halfTurns(x)
  const r = remainder(x, turns)
  const z = fround(r * r)
  const series = fround(fround(fround(z * evaluate(sineSeries, z)) * r) + r)
  return turns % 2 === 0 ? series : -series
}

export function cosine(x: number): number {
  const turns = halfTurns(x)
  const r = remainder(x, turns)
  const series = evaluate(cosineSeries, fround(r * r))
  return turns % 2 === 0 ? series : -series
}

function halfTurns(x: number): number {
  return fround(fround(fround(x * inversePi) + rounding) - rounding)
}

function remainder(x: number, turns: number): number {
  return fround(fround(fround(x - fround(turns * pi[0]!)) - fround(turns * pi[1]!)) - fround(turns * pi[2]!))
}

function evaluate(series: Float32Array, z: number): number {
  let sum = series[0]!
  for (let k = 1; k < series.length; k++) sum = fround(fround(z * sum) + series[k]!)
  return sum
}
