import type { Meter } from '@opentelemetry/api'
import type { ClosedWindow, Combine } from '@raison/monitoring'
import type { Run } from '@raison/stream-runtime'

export type Labels = Readonly<Record<string, string | number>>

type Report = (value: number, labels: Labels) => void
type AddGauge = (name: string, description: string, observe: (report: Report) => void) => void

/** What is measured of the partitions that this instance has, read when metrics are. */
export function addGauges(meter: Meter, runs: readonly Run[], owned: () => readonly Combine[]): void {
  const gauge: AddGauge = (name, description, observe) =>
    meter
      .createObservableGauge(name, { description })
      .addCallback((result) => observe((value, labels) => result.observe(value, labels)))
  const lastClosed = (): ClosedWindow[] => owned().flatMap((combine) => combine.lastClosed())

  gauge('raison.consumer.lag', 'Records after the last committed batch, by partition', (report) =>
    reportLag(runs, report),
  )
  gauge('raison.drift.alarm', '1 for every alarm that stands', (report) => reportAlarms(owned(), report))
  gauge('raison.drift.learning', '1 while a baseline is learned', (report) => {
    for (const closed of lastClosed()) report(closed.learning ? 1 : 0, labelsOf(closed))
  })
  gauge('raison.drift.evidence', 'Evidence; an alarm is raised when it reaches the run length', (report) => {
    for (const closed of lastClosed()) reportEvidence(closed, report)
  })
  addDescriptions(gauge, lastClosed)
}

function reportLag(runs: readonly Run[], report: Report): void {
  for (const { topic, partition, lag } of runs.flatMap((run) => run.health().partitions))
    if (lag !== undefined) report(lag, { topic, partition })
}

function reportAlarms(owned: readonly Combine[], report: Report): void {
  for (const signal of owned.flatMap((combine) => combine.alarms())) {
    const { state, severity, kind, slice, modelName, modelVersion, alarmId, changes } = signal
    const labels = { alarm: alarmId, state, severity, kind, slice, model: modelName, version: modelVersion }
    report(1, { ...labels, feature: changes[0]?.feature ?? '' })
  }
}

function reportEvidence(closed: ClosedWindow, report: Report): void {
  const { logEvidence, watched } = closed
  if (logEvidence !== undefined) report(Math.exp(Math.min(logEvidence, 700)) / watched.together, labelsOf(closed))
}

/** How the last windows differ from their reference. */
function addDescriptions(gauge: AddGauge, lastClosed: () => readonly ClosedWindow[]): void {
  for (const name of ['ndcg', 'spearman'] as const)
    gauge(`raison.drift.${name}`, `Of the last window and the reference: ${name}`, (report) => {
      for (const closed of lastClosed()) {
        const value = closed.describe()?.[name]
        if (value !== undefined) report(value, labelsOf(closed))
      }
    })
  for (const [name, of, description] of perFeature)
    gauge(`raison.drift.${name}`, description, (report) => {
      for (const closed of lastClosed())
        for (const feature of closed.describe()?.features ?? [])
          report(feature[of], { ...labelsOf(closed), feature: feature.feature })
    })
}

const perFeature = [
  ['importance', 'importance', 'Mean |contribution| of a feature in the last window'],
  ['reference_importance', 'referenceImportance', 'Mean |contribution| of a feature in the reference'],
  ['psi', 'psi', "Population stability index of a feature's share"],
  ['jensen_shannon', 'jensenShannon', "Jensen-Shannon distance of a feature's share"],
  ['wasserstein', 'wasserstein', "Wasserstein distance of a feature's share"],
] as const

/** Twelve digits of a baseline's key tell two methods or budgets of one version apart. */
export function labelsOf({ watched: { modelName, modelVersion, baselineKey, kind, slice } }: ClosedWindow): Labels {
  return { model: modelName, version: modelVersion, baseline: baselineKey.slice(0, 12), kind, slice }
}
