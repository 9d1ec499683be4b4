import type { MonitoredKind } from '@raison/events'
import type { DriftReport } from './drift.ts'
import type { KeyResult } from './watch-file.ts'
import type { Watched } from './watch.ts'

/** One object: of the only key, or of all with `keys` for each. Windows count from 0; without a whole one nothing was `tested`. */
export function toJson(report: DriftReport, byKey: boolean): string {
  const { explanations, skipped, reference, keys, withoutBaseline, window, runLength } = report
  const each = keys.map(describeKey)
  const common = { explanations, skipped, skippedOfBaseline: reference, window, runLength }
  if (!byKey) return JSON.stringify({ ...each[0]!, ...common })
  return JSON.stringify({
    windows: each.reduce((sum, { windows }) => sum + windows, 0),
    tested: each.some(({ tested }) => tested),
    alarms: each.flatMap(({ alarms, baseline: { key } }) => alarms.map((alarm) => ({ key, ...alarm }))),
    ...common,
    keys: Object.fromEntries(each.map((result) => [result.baseline.key, result])),
    withoutBaseline: Object.fromEntries(withoutBaseline),
  })
}

function describeKey(result: KeyResult) {
  const { baseline, windows, left, quality, description } = result
  const { reference, warmingUp } = baseline.baseline
  const slices = baseline.slices.map(({ name, feature, equals, baseline: { reference } }) => ({
    name,
    feature,
    equals,
    explanations: reference.explanations,
  }))
  const leftOutOfSlices = baseline.leftOut.map(({ rows, ...rule }) => ({ ...rule, explanations: rows.length }))
  return {
    windows,
    tested: windows > 0,
    alarms: inOrder([...alarmsOf('contributions', result), ...(quality ? alarmsOf('quality', quality) : [])]),
    left,
    baseline: {
      key: baseline.key,
      model: baseline.model,
      explanations: reference.explanations,
      warmingUp,
      ...(slices.length > 0 && { slices, leftOutOfSlices }),
    },
    description,
    ...(quality && { quality: { windows: quality.windows, left: quality.left } }),
  }
}

/** The kind is called as the drift monitor calls it. */
function alarmsOf(kind: MonitoredKind, { alarms }: Watched) {
  return alarms.map((alarm) => ({
    window: alarm.window,
    since: alarm.since,
    kind,
    features: [...new Set(alarm.features.map(({ feature }) => feature))],
    direction: alarm.features[0]!.direction,
    evidence: alarm.evidence,
    lines: alarm.lines,
    details: alarm.named,
  }))
}

/** As a reader of the file meets them: reasons and quality have windows of their own. */
function inOrder(alarms: ReturnType<typeof alarmsOf>): ReturnType<typeof alarmsOf> {
  return alarms.toSorted((one, other) => one.lines.last - other.lines.last)
}
