import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { createDecisionEncoder, EventError, parseDecision, registerSchemas, type RegistryConfig } from '@raison/events'
import { amountOf } from '../amount-of.ts'
import { printable } from '../printable.ts'
import { CliError } from '../report-error.ts'
import { openQuarantine, type Quarantine } from './cluster.ts'
import { findQuarantined } from './find.ts'
import { readQuarantine, type Filter, type Place, type Quarantined } from './quarantined.ts'
import { sendOnce } from './send-once.ts'
import { sourceGone, splitBySource } from './split-by-source.ts'

export interface ReplayOptions extends Filter {
  readonly topic?: string
  /** Every record that the filter lets pass. */
  readonly all?: boolean
  /** A file with the decision as it should have been, one JSON object. */
  readonly value?: string
  readonly dryRun?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

/**
 * Sends quarantined records back to the partition they came from, each once, whoever asks how often. Answers the exit status:
 * 3 where some record has no partition to go back to.
 */
export async function replay(positions: readonly string[], options: ReplayOptions): Promise<number> {
  const { topic, dryRun = false, json, yes } = options
  refuseUnclear(positions, options)
  const quarantine = await openQuarantine(topic, process.env)
  const chosen = await choose(quarantine, positions, options)
  const { present, lost } = await splitBySource(quarantine.kafka, chosen)
  if (options.all !== true && lost.length > 0) throw sourceGone(lost[0]!)
  lost.forEach((record) => console.error(`left: ${printable(sourceGone(record).message)}`))
  const mended =
    options.value === undefined ? undefined : await encodeMended(options.value, chosen[0]!, quarantine.registry)
  if (!dryRun && present.length > 0 && yes !== true) await confirm(present.length)
  const say = dryRun ? 'would replay' : 'replayed'
  const replayed: string[] = []
  const tell = ({ position, source }: Place): void => {
    replayed.push(position)
    if (json !== true) console.log(`${say} ${position} to ${printable(source)}`)
  }
  try {
    if (dryRun) present.forEach(tell)
    else await sendOnce(quarantine, present, mended, tell)
  } finally {
    if (json) console.log(JSON.stringify({ dryRun, replayed, left: chosen.length - replayed.length }))
  }
  if (chosen.length === 0) console.error('note: nothing to replay matches')
  return lost.length > 0 ? 3 : 0
}

function refuseUnclear(positions: readonly string[], { all, value, code, stage, since }: ReplayOptions): void {
  const filtered = code !== undefined || stage !== undefined || since !== undefined
  if ((positions.length === 0) !== (all === true))
    throw new CliError('USAGE', 'say which: positions as raison quarantine list shows them, or --all')
  if (positions.length > 0 && filtered)
    throw new CliError('USAGE', '--code, --stage and --since choose among --all, not among positions')
  if (value !== undefined && positions.length !== 1)
    throw new CliError('USAGE', '--value mends one record: give one position')
}

/**
 * By position: what was replayed already is refused. By filter: it is passed over, and so is what has failed again as a replay,
 * which would fail for ever.
 */
async function choose(quarantine: Quarantine, positions: readonly string[], filter: Filter): Promise<Place[]> {
  if (positions.length > 0) {
    const records = await findQuarantined(quarantine, positions)
    const before = records.find(({ replayed }) => replayed !== undefined)
    if (before !== undefined) throw alreadyReplayed(before)
    return records
  }
  const places: Place[] = []
  await readQuarantine(
    quarantine,
    filter,
    (record) => void (record.replayed === undefined && record.replayOf === undefined && places.push(placeOf(record))),
    (position, error) => console.error(`${position}  unreadable, left: ${printable(error.message)}`),
  )
  return places
}

/** Nothing else of the record is held on to. */
const placeOf = ({ position, source, topic, partition }: Quarantined): Place => ({ position, source, topic, partition })

async function encodeMended(file: string, { topic }: Place, registry: RegistryConfig): Promise<Buffer> {
  const { model, decisionId, decidedAt = '', score, outcome, ...rest } = parseDecision(await readFile(file, 'utf8'))
  if (model === undefined) throw new EventError('EVENT_INVALID', `${file}: model is missing: say which model decided`)
  const encode = createDecisionEncoder(await registerSchemas(registry, { decisions: topic }))
  return encode({ ...rest, model, decisionId: decisionId ?? rest.eventId, decidedAt, score, outcome })
}

async function confirm(count: number): Promise<void> {
  if (!process.stdin.isTTY) throw new CliError('USAGE', `--yes replays ${count} without asking; there is nobody to ask`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`Replay ${amountOf(count, 'record')}? [y/N] `)
  terminal.close()
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('USAGE', 'nothing was replayed')
}

function alreadyReplayed({ position, replayed }: Quarantined): CliError {
  return new CliError('QUARANTINE_REPLAYED', `${position} was replayed at ${replayed!.at}: a record is replayed once`)
}
