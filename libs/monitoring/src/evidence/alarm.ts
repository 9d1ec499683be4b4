import type { AlarmCommand, DriftSignal, Severity } from '@raison/events'

/** What is known of the alarms of one slice. */
export interface AlarmState {
  /** The last one, until it is cleared. */
  readonly open?: OpenAlarm
}

export interface OpenAlarm {
  readonly state: 'raised' | 'acknowledged'
  /** As it was last published. */
  readonly signal: DriftSignal
  /** Acknowledged: until this window nothing is raised anew. */
  readonly quietUntil: number
}

interface Change {
  readonly alarm: AlarmState
  /** Undefined where there is nothing to tell. */
  readonly signal: DriftSignal | undefined
}

const ranks: readonly Severity[] = ['info', 'warning', 'critical']

/**
 * The detector has found something; `found` has the id of the alarm that is open. A raised alarm latches: what is found while it
 * stands is only told when it is worse. One that is acknowledged lets nothing through while it cools down, then it is raised again.
 */
export function afterDetection({ open }: AlarmState, found: DriftSignal): Change {
  const same = { alarm: { ...(open && { open }) }, signal: undefined }
  if (open?.state === 'raised') {
    if (ranks.indexOf(found.severity) <= ranks.indexOf(open.signal.severity)) return same
    return { alarm: { open: { ...open, signal: found } }, signal: found }
  }
  if (open !== undefined && found.window < open.quietUntil) return same
  return { alarm: { open: { state: 'raised', signal: found, quietUntil: 0 } }, signal: found }
}

/**
 * A person has spoken, at a time when `windows` windows had been closed; undefined when it changes nothing. An alarm that is
 * acknowledged once more has the newer note, and cools down from the first time on.
 */
export function afterCommand(
  { open }: AlarmState,
  command: AlarmCommand,
  windows: number,
  cooldown: number,
): Change | undefined {
  const { action, alarmId, by, note, at } = command
  if (open === undefined || open.signal.alarmId !== alarmId) return undefined
  const again = action === 'acknowledge' && open.state === 'acknowledged'
  if (again && note === '') return undefined
  const state = action === 'acknowledge' ? 'acknowledged' : 'cleared'
  const signal: DriftSignal = { ...open.signal, state, by: cut(by), note: cut(note), at: cut(at) }
  if (state === 'cleared') return { alarm: {}, signal }
  return { alarm: { open: { state, signal, quietUntil: again ? open.quietUntil : windows + cooldown } }, signal }
}

/** A signal has room for this much of what a person says. */
const mostSaid = 2000
const cut = (text: string): string => text.slice(0, mostSaid)
