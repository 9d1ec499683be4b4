import { compareBaselines, isOfValues, isSo, momentsOf, type Alarm, type Baseline, type Window } from '@raison/drift'
import type { DriftSignal, FeatureDrift, MonitoredKind, Severity } from '@raison/events'
import { fillLink } from './fill-link.ts'
import type { EvidenceSettings } from './settings.ts'
import type { WholeWindow } from './window-part.ts'

/** What is watched under one promise with others. */
export interface Watched {
  readonly baselineKey: string
  /** As `WindowRows` has it. */
  readonly settings: string
  readonly kind: MonitoredKind
  /** Empty: all decisions. */
  readonly slice: string
  readonly modelName: string
  readonly modelVersion: string
  readonly adverse: 'high' | 'low'
  readonly columns: readonly string[]
  /** How many watches share the promise. */
  readonly together: number
}

/** By number, as the detector counts them from 0: when a window begins. */
export type WindowTimes = Readonly<Record<number, string>>

/** The window that raised an alarm. */
export interface Moment {
  readonly number: number
  /** The number of the window that the detector took first. */
  readonly first: number
  readonly begins: WindowTimes
  readonly partial: boolean
  readonly window: WholeWindow
  readonly counted: Window
}

export function signalOf(
  watched: Watched,
  baseline: Baseline,
  alarm: Alarm,
  { number, first, begins, partial, window, counted }: Moment,
  /** Of the alarm that is open. */
  openId: string | undefined,
  settings: EvidenceSettings,
): DriftSignal {
  const changes = alarm.features.map(({ feature, statistic, direction, evidence, since }): FeatureDrift => {
    const at = baseline.scale.features.indexOf(feature)
    const meanIn = (counts: Window): number => momentsOf(counts, statistic, at)!.mean
    const [before, now] = [meanIn(baseline.reference), meanIn(counted)]
    return {
      feature,
      statistic,
      direction,
      before,
      now,
      evidence: evidence / watched.together,
      sinceWindow: first + since,
    }
  })
  const idParts = [shortId(watched), ...(watched.slice ? [watched.slice] : []), number]
  const alarmId = openId ?? idParts.join('-')
  const signal: DriftSignal = {
    ...aboutModel(watched, settings),
    alarmId,
    state: 'raised',
    severity: severityOf(changes[0]!, settings),
    changes,
    evidence: alarm.evidence / watched.together,
    window: number,
    sinceWindow: first + alarm.since,
    since: begins[alarm.since] ?? '',
    explanations: counted.explanations,
    partial,
    from: window.from,
    until: window.until,
    decisionIds: examplesOf(window, watched, baseline, changes[0]!),
    at: window.until,
  }
  return { ...signal, link: fillLink(settings.link, signal) }
}

/** What changed from one version of a model to the next, the largest changes first. */
export function comparisonOf(
  older: { readonly watched: Watched; readonly baseline: Baseline },
  newer: { readonly watched: Watched; readonly baseline: Baseline },
  number: number,
  settings: EvidenceSettings,
): DriftSignal {
  const changes = compareBaselines(older.baseline, newer.baseline).features.map(({ feature, before, after }) => ({
    feature,
    statistic: 'share',
    direction: (after?.share ?? 0) >= (before?.share ?? 0) ? 'up' : 'down',
    before: before?.share ?? 0,
    now: after?.share ?? 0,
    evidence: 0,
    sinceWindow: number,
  }))
  return {
    ...aboutModel(newer.watched, settings),
    alarmId: `${shortId(newer.watched)}-compared`,
    state: 'compared',
    severity: 'info',
    comparedVersion: older.watched.modelVersion,
    changes: changes
      .toSorted((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before))
      .slice(0, mostChanges),
    window: number,
    sinceWindow: number,
    explanations: newer.baseline.reference.explanations,
  }
}

const mostChanges = 100

/** Windows of other settings are numbered by themselves. */
function shortId({ baselineKey, settings }: Watched): string {
  return baselineKey.slice(0, 12) + settings.slice(0, 4)
}

function aboutModel(watched: Watched, { runLength, softwareVersion }: EvidenceSettings): DriftSignal {
  const { kind, slice, modelName, modelVersion, baselineKey } = watched
  return {
    alarmId: '',
    state: 'raised',
    severity: 'info',
    kind,
    slice,
    modelName,
    modelVersion,
    comparedVersion: '',
    baselineKey,
    changes: [],
    evidence: 0,
    averageRunLength: runLength,
    window: 0,
    sinceWindow: 0,
    since: '',
    explanations: 0,
    partial: false,
    from: '',
    until: '',
    decisionIds: [],
    link: '',
    by: '',
    note: '',
    at: '',
    softwareVersion,
  }
}

/** Of the leading change: one with a twentieth of its evidence is named beside it, and is no reason to wake somebody. */
function severityOf({ before, now }: FeatureDrift, { severity }: EvidenceSettings): Severity {
  const moved = Math.abs(now - before)
  return moved >= severity.critical ? 'critical' : moved >= severity.warning ? 'warning' : 'info'
}

const mostExamples = 3

/**
 * The decisions in which the leading feature weighs most, or least where it fell; for its usual, lowest or highest values those
 * that have them, or have them not. Of equal ones the first.
 */
function examplesOf(
  { values, decisionIds }: WholeWindow,
  { columns, adverse }: Watched,
  { scale }: Baseline,
  { feature, direction, statistic }: FeatureDrift,
): string[] {
  const column = columns.indexOf(feature)
  const width = values.length / decisionIds.length
  const weights = decisionIds.map((_, row) => {
    if (statistic === 'value') return values[row * width + column]!
    if (isOfValues(statistic))
      return isSo(scale, statistic, column, values[row * width + columns.length + column]!) ? 1 : 0
    const of = values.subarray(row * width, row * width + columns.length)
    const total = of.reduce((sum, value) => sum + Math.abs(value), 0)
    const signed = total > 0 ? of[column]! / total : 0
    return statistic === 'share' ? Math.abs(signed) : signed
  })
  const towards = statistic === 'top-four' && adverse === 'low' ? 1 : -1
  const sign = direction === 'up' ? towards : -towards
  const order = weights
    .map((_, row) => row)
    .sort((one, other) => sign * (weights[one]! - weights[other]!) || one - other)
  return order.slice(0, mostExamples).map((row) => decisionIds[row]!)
}
