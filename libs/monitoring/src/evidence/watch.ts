import {
  createEDetector,
  fitBaseline,
  readBaseline,
  writeBaseline,
  type Baseline,
  type BaselineRecord,
  type EDetector,
} from '@raison/drift'
import { fitQuality } from '../quality.ts'
import { writeJson, type Table } from '../windows/table.ts'
import type { AlarmState } from './alarm.ts'
import { openLearnedRows } from './learned-rows.ts'
import type { EvidenceSettings } from './settings.ts'
import type { Watched } from './signal.ts'
import { stepWatching, type WatchResult } from './step-watching.ts'
import { readWatch, unseen, watchKeys, type LearningState, type WatchState } from './watch-state.ts'
import type { WholeWindow } from './window-part.ts'

/** One slice of one baseline: it is learned, then watched window by window. */
export interface Watch {
  /** What the reference looks like, once that is known. */
  baseline(): Baseline | undefined
  /** Number `number` of the windows of this baseline. */
  close(number: number, window: WholeWindow, partial: boolean): WatchResult
  alarm(): AlarmState
  setAlarm(alarm: AlarmState): void
  /** Forgets the baseline: what comes now becomes the next one. */
  relearn(): void
  /** Into the table, what has changed since the last call. */
  keep(): void
}

export function openWatch(
  table: Table,
  /** Its own in the table. */
  id: string,
  watched: Watched,
  settings: EvidenceSettings,
  given: BaselineRecord | undefined,
): Watch {
  const keys = watchKeys(id)
  const learned = openLearnedRows(table, id)
  const kept = readWatch(table, keys)
  let state: WatchState = kept?.state ?? unseen
  let baseline = kept?.baseline
  let detector: EDetector | undefined
  let isChanged = false
  if (kept === undefined && given !== undefined) watch(readBaseline(given), 0)

  /** Its tables take megabytes, and most baselines that are kept are of models that decide no more. */
  function detectorOf(known: Baseline): EDetector {
    const runLength = settings.runLength * watched.together
    return (detector ??= createEDetector([{ name: watched.slice, baseline: known }], { runLength }))
  }

  function become(next: WatchState): void {
    state = next
    isChanged = true
  }

  function watch(known: Baseline, first: number): void {
    baseline = known
    writeJson(table, keys.baseline, writeBaseline(known))
    become({ status: 'watching', first, evidence: detectorOf(known).start(), alarm: state.alarm })
  }

  function learn(before: LearningState, number: number, { values, members }: WholeWindow): WatchResult {
    const rows = before.rows + members.length
    learned.add(number, values)
    become({ ...before, rows })
    if (rows >= Math.max(settings.reference, 2)) {
      watch(fit(watched, learned.join()), number + 1)
      learned.forget()
    }
    return silent
  }

  return {
    baseline: () => baseline,
    close(number, window, partial) {
      if (state.status === 'learning') return learn(state, number, window)
      const watching = { watched, settings, baseline: baseline!, detector: detectorOf(baseline!) }
      const { state: next, ...result } = stepWatching(watching, state, { number, window, partial })
      become(next)
      return result
    },
    alarm: () => state.alarm,
    setAlarm: (alarm) => become({ ...state, alarm }),
    relearn() {
      table.delete(keys.baseline)
      // Of a baseline of an earlier version some may have been learned again already.
      learned.forget()
      baseline = undefined
      detector = undefined
      become(unseen)
    },
    keep() {
      if (isChanged) writeJson(table, keys.state, state)
      isChanged = false
    },
  }
}

const silent: WatchResult = { signal: undefined, logEvidence: undefined, describe: () => undefined }

function fit({ kind, columns, adverse, together }: Watched, values: Float64Array): Baseline {
  return kind === 'quality'
    ? fitQuality(columns, values, { slices: together })
    : fitBaseline({ features: columns, adverse, rows: values, slices: together })
}
