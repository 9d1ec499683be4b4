import { metrics } from '@opentelemetry/api'
import type { ClosedWindow, Combine, CombineResult, CountResult } from '@raison/monitoring'
import type { Run } from '@raison/stream-runtime'

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
      const lastOf = (): ClosedWindow[] => owned().flatMap((combine) => combine.lastClosed())
      const gauge = (name: string, description: string, observe: (report: Report) => void): void =>
        meter
          .createObservableGauge(name, { description })
          .addCallback((result) => observe((value, labels) => result.observe(value, labels)))

      gauge('raison.consumer.lag', 'Records after the last committed batch, by partition', (report) => {
        for (const run of [counting, combining])
          for (const { topic, partition, lag } of run.health().partitions)
            if (lag !== undefined) report(lag, { topic, partition })
      })
      gauge('raison.drift.alarm', '1 for every alarm that stands', (report) => {
        for (const combine of owned())
          for (const { state, severity, kind, slice, modelName, modelVersion, alarmId, changes } of combine.alarms())
            report(1, {
              ...{ alarm: alarmId, state, severity, kind, slice, model: modelName, version: modelVersion },
              feature: changes[0]?.feature ?? '',
            })
      })
      gauge('raison.drift.learning', '1 while a baseline is learned', (report) => {
        for (const closed of lastOf()) report(closed.learning ? 1 : 0, labelsOf(closed))
      })
      gauge('raison.drift.evidence', 'Evidence; an alarm is raised when it reaches the run length', (report) => {
        for (const closed of lastOf())
          if (closed.logEvidence !== undefined)
            report(Math.exp(Math.min(closed.logEvidence, 700)) / closed.watched.together, labelsOf(closed))
      })
      for (const name of ['ndcg', 'spearman'] as const)
        gauge(`raison.drift.${name}`, `Of the last window and the reference: ${name}`, (report) => {
          for (const closed of lastOf()) {
            const value = closed.describe()?.[name]
            if (value !== undefined) report(value, labelsOf(closed))
          }
        })
      for (const [name, of, description] of perFeature)
        gauge(`raison.drift.${name}`, description, (report) => {
          for (const closed of lastOf())
            for (const feature of closed.describe()?.features ?? [])
              report(feature[of], { ...labelsOf(closed), feature: feature.feature })
        })
    },
  }
}

type Labels = Readonly<Record<string, string | number>>
type Report = (value: number, labels: Labels) => void

const perFeature = [
  ['importance', 'importance', 'Mean |contribution| of a feature in the last window'],
  ['reference_importance', 'referenceImportance', 'Mean |contribution| of a feature in the reference'],
  ['psi', 'psi', "Population stability index of a feature's share"],
  ['jensen_shannon', 'jensenShannon', "Jensen-Shannon distance of a feature's share"],
  ['wasserstein', 'wasserstein', "Wasserstein distance of a feature's share"],
] as const

/** Twelve digits of a baseline's key tell two methods or budgets of one version apart. */
function labelsOf({ watched: { modelName, modelVersion, baselineKey, kind, slice } }: ClosedWindow): Labels {
  return { model: modelName, version: modelVersion, baseline: baselineKey.slice(0, 12), kind, slice }
}
