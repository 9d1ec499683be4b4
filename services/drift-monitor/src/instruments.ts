import { metrics } from '@opentelemetry/api'
import type { Combine, CombineResult, CountResult } from '@raison/monitoring'
import type { Run } from '@raison/stream-runtime'
import { addGauges, labelsOf } from './gauges.ts'

export interface Instruments {
  counted(result: CountResult): void
  /** A partition of the evidence has been taken: what was known of it before is void. */
  opened(partition: number, combine: Combine): void
  combined(results: readonly CombineResult[]): void
  /** Lag and evidence of what is assigned to this instance, read when metrics are. */
  watch(windows: Run, evidence: Run): void
}

/** What the drift monitor counts and measures. Its labels are names of models, slices and features: no values, no identities. */
export function createInstruments(): Instruments {
  const meter = metrics.getMeter('raison-drift-monitor')
  const explanations = meter.createCounter('raison.drift.explanations', {
    description: 'Explanations seen, by outcome: counted, duplicate, late, or the code for which one was refused',
  })
  const windows = meter.createCounter('raison.drift.windows', { description: 'Windows closed' })
  const signals = meter.createCounter('raison.drift.signals', { description: 'Signals published, by state' })
  const known = new Map<number, Combine>()

  return {
    counted({ counted, duplicates, late, refused }) {
      explanations.add(counted, { outcome: 'counted' })
      explanations.add(duplicates, { outcome: 'duplicate' })
      explanations.add(late, { outcome: 'late' })
      for (const [outcome, count] of refused) explanations.add(count, { outcome })
    },
    opened: (partition, combine) => void known.set(partition, combine),
    combined(results) {
      for (const result of results) {
        explanations.add(result.late, { outcome: 'late' })
        for (const { state, kind } of result.signals) signals.add(1, { state, kind })
        for (const closed of result.closed) windows.add(1, labelsOf(closed))
      }
    },
    watch(counting, combining) {
      const owned = (): Combine[] =>
        combining.health().partitions.flatMap(({ partition }) => known.get(partition) ?? [])
      addGauges(meter, [counting, combining], owned)
    },
  }
}
