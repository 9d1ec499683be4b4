import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { createDecisionEncoder, EventError, parseDecision, registerSchemas, type RegistryConfig } from '@raison/events'
import { amountOf } from '../amount-of.ts'
import { printable } from '../printable.ts'
import { codeOf, CliError } from '../report-error.ts'
import { openQuarantine, type Quarantine } from './cluster.ts'
import { findQuarantined } from './find.ts'
import { readQuarantine, replayHeader, type Filter, type Quarantined } from './quarantined.ts'
import { fenceReplays, replayedTopicOf } from './replayed.ts'
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
 * Sends quarantined records back to the partition they came from, with their key and headers, and with the place they came
 * from in `raison-replay-of`. Each is sent once, whoever asks how often: the record and the note that it was sent are one
 * transaction, all replays of a quarantine have one transactional id, and what is noted is read after the others were fenced.
 * Answers the exit status: 3 where some record has no partition to go back to.
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
  const tell = ({ position, source }: Quarantined): void => {
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
async function choose(quarantine: Quarantine, positions: readonly string[], filter: Filter): Promise<Quarantined[]> {
  if (positions.length > 0) {
    const records = await findQuarantined(quarantine, positions)
    const before = records.find(({ replayed }) => replayed !== undefined)
    if (before !== undefined) throw alreadyReplayed(before)
    return records
  }
  const records: Quarantined[] = []
  await readQuarantine(
    quarantine,
    filter,
    (record) => void (record.replayed === undefined && record.replayOf === undefined && records.push(record)),
    (position, error) => console.error(`${position}  unreadable, left: ${printable(error.message)}`),
  )
  return records
}

async function encodeMended(file: string, { topic }: Quarantined, registry: RegistryConfig): Promise<Buffer> {
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

/** A transaction per record: what is killed in between goes on with the next one when it is asked again. */
async function sendOnce(
  quarantine: Quarantine,
  chosen: readonly Quarantined[],
  mended: Buffer | undefined,
  onSent: (record: Quarantined) => void,
): Promise<void> {
  if (chosen.length === 0) return
  const notes = replayedTopicOf(quarantine)
  await notes.ensure()
  const producer = await fenceReplays(quarantine)
  try {
    const noted = await notes.read()
    for (const record of chosen.filter(({ position }) => !noted.has(position))) {
      const transaction = await producer.transaction()
      const taken = await transaction.send({ topic: record.topic, messages: [toMessage(record, mended)] })
      // The partition has gone since it was looked for: kafkajs dropped the record, and this is all that it says.
      if (taken.length === 0) {
        await transaction.abort()
        throw sourceGone(record)
      }
      await notes.note(transaction, record.position, { at: new Date().toISOString(), mended: mended !== undefined })
      await transaction.commit()
      onSent(record)
    }
  } catch (error) {
    throw isFenced(error) ? overtaken(error) : error
  } finally {
    await producer.disconnect()
  }
}

function toMessage({ partition, key, value, headers, source, replayOf }: Quarantined, mended: Buffer | undefined) {
  const identity = { [replayHeader]: replayOf ?? source }
  return { partition, key: key ?? null, value: mended ?? value ?? null, headers: { ...headers, ...identity } }
}

function alreadyReplayed({ position, replayed }: Quarantined): CliError {
  return new CliError('QUARANTINE_REPLAYED', `${position} was replayed at ${replayed!.at}: a record is replayed once`)
}

const fencedTypes = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']

function isFenced(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: unknown }
  return fencedTypes.includes(type ?? '') || (cause instanceof Error && codeOf(cause) === undefined && isFenced(cause))
}

function overtaken(cause: unknown): CliError {
  return new CliError(
    'QUARANTINE_OVERTAKEN',
    'another replay of this quarantine has begun, and this one has ended: ask again when it is done, what was replayed stays so',
    { cause },
  )
}
