import { appendFileSync, writeFileSync } from 'node:fs'
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
  const settled = sharesOf(reference.rows.subarray(-warmUpRows * 2 * n), n)
  writeFileSync(table, settled)
  appendFileSync(table, new Uint8Array(sharesOf(live.rows, n).buffer))
  const answer = await askPeers<Record<string, number[]>>(peers, {
    verb: 'detect',
    table,
    features: n,
    warm_up: warmUpRows,
    window: windowSize,
  })
  return Object.fromEntries(Object.entries(answer).map(([name, alarms]) => [`river ${name}`, alarms]))
}

function sharesOf(rows: Float64Array, n: number): Float32Array {
  const shares = new Float32Array(rows.length / 2)
  for (let from = 0; from < rows.length; from += 2 * n) {
    let total = 0
    for (let i = 0; i < n; i++) total += Math.abs(rows[from + i]!)
    for (let i = 0; i < n; i++) shares[from / 2 + i] = total > 0 ? Math.abs(rows[from + i]!) / total : 0
  }
  return shares
}
