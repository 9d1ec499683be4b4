import type { Producer } from 'kafkajs'
import { codeOf, CliError } from '../report-error.ts'
import type { Quarantine } from './cluster.ts'
import { readQuarantine, replayHeader, type Place, type Quarantined } from './quarantined.ts'
import { fenceReplays, replayedTopicOf, type ReplayedTopic } from './replayed.ts'
import { sourceGone } from './split-by-source.ts'

/**
 * Sends the records at these places back, with their key and headers, and with the place they came from in `raison-replay-of`.
 * Each is sent once: the record and the note that it was sent are one transaction, all replays of a quarantine have one
 * transactional id, and what is noted is read after the others were fenced. What is killed in between goes on with the next one
 * when it is asked again. Throws SOURCE_GONE, QUARANTINE_OVERTAKEN, and QUARANTINE_UNKNOWN for what was deleted meanwhile.
 */
export async function sendOnce(
  quarantine: Quarantine,
  places: readonly Place[],
  mended: Buffer | undefined,
  onSent: (record: Place) => void,
): Promise<void> {
  if (places.length === 0) return
  const notes = replayedTopicOf(quarantine)
  await notes.ensure()
  const producer = await fenceReplays(quarantine)
  const left = new Set(places.map(({ position }) => position))
  try {
    while (left.size > 0)
      for (const record of await readSome(quarantine, left)) {
        await send(producer, notes, record, mended)
        left.delete(record.position)
        onSent(record)
      }
  } catch (error) {
    throw isFenced(error) ? overtaken(error) : error
  } finally {
    await producer.disconnect()
  }
}

/** Held at a time, of a quarantine of any size: sending takes so much longer than reading that to read it again costs little. */
const mostBytes = 32 * 1024 * 1024
/** Of a record beside its value. */
const recordBytes = 1024

/** The first that are left, as many as are held at a time. Those that somebody else has replayed are left no more. */
async function readSome(quarantine: Quarantine, left: Set<string>): Promise<Quarantined[]> {
  const some: Quarantined[] = []
  let bytes = 0
  const take = (record: Quarantined): void => {
    if (!left.has(record.position)) return
    if (record.replayed !== undefined) left.delete(record.position)
    else if (bytes < mostBytes) {
      bytes += recordBytes + (record.value?.length ?? 0)
      some.push(record)
    }
  }
  await readQuarantine(quarantine, {}, take, () => undefined)
  if (some.length === 0 && left.size > 0) throw deleted(quarantine, left)
  return some
}

async function send(
  producer: Producer,
  notes: ReplayedTopic,
  record: Quarantined,
  mended: Buffer | undefined,
): Promise<void> {
  const transaction = await producer.transaction()
  const taken = await transaction.send({ topic: record.topic, messages: [toMessage(record, mended)] })
  // The partition has gone since it was looked for: kafkajs dropped the record, and this is all that it says.
  if (taken.length === 0) {
    await transaction.abort()
    throw sourceGone(record)
  }
  await notes.note(transaction, record.position, { at: new Date().toISOString(), mended: mended !== undefined })
  await transaction.commit()
}

function toMessage({ partition, key, value, headers, source, replayOf }: Quarantined, mended: Buffer | undefined) {
  const identity = { [replayHeader]: replayOf ?? source }
  return { partition, key: key ?? null, value: mended ?? value ?? null, headers: { ...headers, ...identity } }
}

function deleted({ topic }: Quarantine, [first]: ReadonlySet<string>): CliError {
  return new CliError(
    'QUARANTINE_UNKNOWN',
    `nothing lies at ${first} in ${topic} any more: it was deleted meanwhile, by age perhaps`,
  )
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
