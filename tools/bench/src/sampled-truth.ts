import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import type { Sampling } from '@raison/explaining'

type Game = Pick<Sampling, 'route' | 'background' | 'players'>

/** Coalitions asked in one call. */
const most = 128

/** Shapley values of one row by their definition, from the value of every coalition over the whole background. */
export async function enumerateRow(game: Game, row: Float32Array): Promise<Float64Array> {
  const n = game.players.count
  const values = await askEveryCoalition(game, row)
  const weights = weightsBySize(n)
  const contributions = new Float64Array(n)
  for (let coalition = 0; coalition < 2 ** n; coalition++) {
    const weight = weights[countBits(coalition)]!
    for (let i = 0; i < n; i++)
      if (!(coalition & (1 << i))) contributions[i]! += weight * (values[coalition | (1 << i)]! - values[coalition]!)
  }
  return contributions
}

/** v(S) at index Σ_{i∈S} 2^i. */
async function askEveryCoalition({ route, background, players }: Game, row: Float32Array): Promise<Float64Array> {
  const values = new Float64Array(2 ** players.count)
  const { rowCount } = background
  for (let first = 0; first < values.length; first += most) {
    const count = Math.min(most, values.length - first)
    const rows = new Float32Array(count * background.rows.length)
    for (let c = 0; c < count; c++) {
      const block = rows.subarray(c * background.rows.length, (c + 1) * background.rows.length)
      block.set(background.rows)
      players.ofFeature.forEach((player, j) => {
        if ((first + c) & (1 << player)) for (let at = j; at < block.length; at += row.length) block[at] = row[j]!
      })
    }
    const outputs = await route.outputs(rows, count * rowCount)
    for (let c = 0; c < count; c++) values[first + c] = mean(outputs.subarray(c * rowCount, (c + 1) * rowCount))
  }
  return values
}

/** s!(n−s−1)!/n! for a coalition of s. */
function weightsBySize(n: number): Float64Array {
  const weights = new Float64Array(n).fill(1 / n)
  for (let s = 1; s < n; s++) weights[s] = (weights[s - 1]! * s) / (n - s)
  return weights
}

function countBits(set: number): number {
  let count = 0
  for (let rest = set; rest !== 0; rest &= rest - 1) count++
  return count
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/**
 * The true contributions of `count` rows, row-major, made one by one at the end of `file`: what an earlier run has made, whole
 * or not, is kept.
 */
export async function truthOf(
  file: string,
  rows: Float32Array,
  count: number,
  { players: { count: n, ofFeature } }: Game,
  contributionsOf: (row: Float32Array, k: number) => Promise<Float64Array>,
): Promise<Float64Array> {
  const bytesEach = 8 * n
  const known = existsSync(file) ? Math.floor(readFileSync(file).length / bytesEach) : 0
  if (known > 0) truncateSync(file, known * bytesEach)
  for (let k = known; k < count; k++) {
    const row = rows.subarray(k * ofFeature.length, (k + 1) * ofFeature.length)
    appendFileSync(file, new Uint8Array((await contributionsOf(row, k)).buffer))
    if ((k + 1) % 50 === 0) console.error(`  true contributions of ${k + 1} of ${count} rows`)
  }
  const bytes = readFileSync(file)
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + count * bytesEach))
}
