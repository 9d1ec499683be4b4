import { writeFileSync } from 'node:fs'
import type { PeerProcess } from '../peer-process.ts'
import { askPeers } from '../sampled-peers.ts'
import { windowSize, type DriftSource, type Rows } from './source.ts'

/** Explanations of the reference that let the peers' detectors settle. */
const warmUpRows = 5000

/** Alarms of river's detectors on every explanation's shares: per detector the windows in which one fell. */
export async function askRiver(
  peers: PeerProcess,
  table: string,
  { features }: DriftSource,
  reference: Rows,
  live: Rows,
): Promise<Readonly<Record<string, number[]>>> {
  const n = features.length
  const settled = reference.contributions.subarray(-warmUpRows * n)
  const shares = new Float32Array(settled.length + live.contributions.length)
  shares.set(sharesOf(settled, n))
  shares.set(sharesOf(live.contributions, n), settled.length)
  writeFileSync(table, shares)
  const answer = await askPeers<Record<string, number[]>>(peers, {
    verb: 'detect',
    table,
    features: n,
    warm_up: warmUpRows,
    window: windowSize,
  })
  return Object.fromEntries(Object.entries(answer).map(([name, alarms]) => [`river ${name}`, alarms]))
}

function sharesOf(contributions: Float64Array, n: number): Float32Array {
  const shares = new Float32Array(contributions.length)
  for (let row = 0; row < contributions.length; row += n) {
    let total = 0
    for (let i = row; i < row + n; i++) total += Math.abs(contributions[i]!)
    for (let i = row; i < row + n; i++) shares[i] = total > 0 ? Math.abs(contributions[i]!) / total : 0
  }
  return shares
}
