import type { Decode, MonitoredExplanation, Encode, MonitorInput, WindowRows } from '@raison/events'
import { EventError } from '@raison/events'
import {
  checkSlices,
  countPartition,
  type CountResult,
  type CountSettings,
  type EmptySlice,
  type TimedExplanation,
} from '@raison/monitoring'
import { StreamError, type OutputRecord, type RawRecord, type StatefulProcessor } from '@raison/stream-runtime'

export interface WindowStage {
  readonly settings: CountSettings
  readonly topics: { readonly windows: string; readonly windowsState: string }
  readonly decode: Decode<MonitoredExplanation>
  readonly encode: Encode<MonitorInput>
  /** Of a batch that is committed: one that is not is taken again. */
  tell(result: CountResult): void
  /** Once for a model, whatever partitions it comes from. */
  tellEmpty(slice: EmptySlice): void
}

/** Stage 1: explanations of a partition to rows of windows. */
export function createWindowStage(stage: WindowStage): StatefulProcessor {
  const { settings, topics, encode, tell, tellEmpty } = stage
  const findEmpty = checkSlices(settings.slices)
  return {
    stateTopic: topics.windowsState,
    open(state, { partition, partitions }) {
      const count = countPartition(state, settings, { partition, partitions })
      return async (records) => {
        // Whatever has to be fetched is fetched before anything is counted: a batch may be tried again.
        const { explanations, refused } = await decodeAll(records, stage.decode)
        const result = count(explanations)
        const all = new Map(refused)
        for (const [code, number] of result.refused) all.set(code, (all.get(code) ?? 0) + number)
        for (const { explanation } of explanations) findEmpty(explanation).forEach(tellEmpty)
        const outputs = result.rows.map((rows) => toRecord(rows, topics.windows, encode))
        return { outputs, refused: all, onCommitted: () => tell({ ...result, refused: all }) }
      }
    },
  }
}

function toRecord(rows: WindowRows, topic: string, encode: Encode<MonitorInput>): OutputRecord {
  return { topic, key: rows.modelName, value: encode({ rows, command: undefined }) }
}

async function decodeAll(
  records: readonly RawRecord[],
  decode: Decode<MonitoredExplanation>,
): Promise<{ readonly explanations: TimedExplanation[]; readonly refused: Map<string, number> }> {
  const explanations: TimedExplanation[] = []
  const refused = new Map<string, number>()
  for (const { value, timestamp } of records) {
    const found = decodeOrRefuse(decode, value)
    // Hardly ever: a wait for each of a million explanations costs more than decoding it.
    const explanation = found instanceof Promise ? await found : found
    if ('code' in explanation) refused.set(explanation.code, (refused.get(explanation.code) ?? 0) + 1)
    else explanations.push({ explanation, timestamp: Number(timestamp) })
  }
  return { explanations, refused }
}

export interface Refused {
  readonly code: string
}

/**
 * At once where the writer's schema is known. A registry that is away, or does not know us, is waited for; what cannot be
 * decoded is counted by its code, and nothing else comes of it.
 */
export function decodeOrRefuse<T extends object>(
  decode: Decode<T>,
  value: Buffer | null,
): T | Refused | Promise<T | Refused> {
  try {
    const decoded = decode(value)
    return decoded instanceof Promise ? decoded.catch(refusal) : decoded
  } catch (error) {
    return refusal(error)
  }
}

function refusal(error: unknown): Refused {
  if (!(error instanceof EventError)) throw error
  if (error.isOfRegistry) throw new StreamError('PROCESSOR_RETRY', error.message, { cause: error })
  return { code: error.code }
}
