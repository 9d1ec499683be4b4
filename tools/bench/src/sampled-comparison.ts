import { openBundle } from '@raison/explaining'
import type { PeerProcess } from './peer-process.ts'
import { fitOnce, writeBundle } from './sampled-bundles.ts'
import type { SampledCase } from './sampled-golden.ts'
import type { SampledPoint } from './sampled-measures.ts'
import { measureBudgets, measureKernelShap, measureShipped, measureWithoutSurrogate } from './sampled-ours.ts'
import { measurePeers } from './sampled-peers.ts'

export interface SampledResult {
  readonly title: string
  readonly players: number
  readonly decisions: number
  readonly seeds: number
  /** What the fit has kept, as explanations name it, and its R² on rows it never saw. */
  readonly method: string
  readonly fidelity: number
  /** Ours and the peers', each method by ascending budget. */
  readonly points: readonly SampledPoint[]
}

export interface SampledSettings {
  readonly seeds: number
  readonly maxMinutes: number
}

const coalitionCounts = [128, 512, 2048]

/** Every method on the rows of one case: ours first, then the peers, one process and one thread each. */
export async function compareSampled(
  peers: PeerProcess,
  directory: string,
  known: SampledCase,
  { seeds, maxMinutes }: SampledSettings,
): Promise<SampledResult> {
  const bundle = writeBundle(known)
  await fitOnce(bundle, maxMinutes)
  const opened = await openBundle(bundle)
  try {
    const sampled = opened.sampled!
    console.error(`${known.title}: Raison`)
    const ours = [
      ...(await measureBudgets(sampled, known, seeds)),
      await measureShipped(sampled, known, seeds),
      ...(await measureWithoutSurrogate(sampled, known, seeds)),
      ...(await measureKernelShap(sampled, known, seeds, coalitionCounts)),
    ]
    const theirs = await measurePeers(peers, directory, known, seeds, coalitionCounts)
    return {
      title: known.title,
      players: sampled.players.count,
      decisions: known.rows.rowCount,
      seeds,
      method: sampled.method,
      fidelity: sampled.fidelity!,
      points: [...ours, ...theirs],
    }
  } finally {
    await opened.close()
  }
}
