import type { Decode, DriftSignal, Encode, MonitorInput } from '@raison/events'
import {
  combineWindows,
  type Combine,
  type CombineResult,
  type EvidenceSettings,
  type FindBaseline,
} from '@raison/monitoring'
import type { OutputRecord, StatefulProcessor } from '@raison/stream-runtime'
import { decodeOrRefuse } from './window-stage.ts'

export interface EvidenceStage {
  readonly settings: EvidenceSettings
  readonly topics: { readonly drift: string; readonly driftState: string }
  readonly decode: Decode<MonitorInput>
  readonly encode: Encode<DriftSignal>
  readonly findBaseline: FindBaseline
  opened(partition: number, combine: Combine): void
  /** Of a batch that is committed: one that is not is taken again. */
  tell(results: readonly CombineResult[], refused: ReadonlyMap<string, number>): void
}

/** Stage 2: rows of windows, and words on alarms, to signals. */
export function createEvidenceStage(stage: EvidenceStage): StatefulProcessor {
  const { settings, topics, decode, encode, findBaseline, opened, tell } = stage
  return {
    stateTopic: topics.driftState,
    open(state, { partition }) {
      const combine = combineWindows(state, settings, findBaseline)
      opened(partition, combine)
      return async (records) => {
        // Whatever has to be fetched is fetched before anything is combined: a batch may be tried again.
        const inputs = []
        for (const { value, timestamp } of records)
          inputs.push({ input: await decodeOrRefuse(decode, value), timestamp: Number(timestamp) })
        const outputs: OutputRecord[] = []
        const refused = new Map<string, number>()
        const results: CombineResult[] = []
        for (const { input, timestamp } of inputs) {
          if ('code' in input) {
            refused.set(input.code, (refused.get(input.code) ?? 0) + 1)
            continue
          }
          const result = combine.take(input, timestamp)
          for (const signal of result.signals)
            outputs.push({ topic: topics.drift, key: signal.modelName, value: encode(signal) })
          results.push(result)
          if (result.refused > 0) refused.set('ROWS_INVALID', (refused.get('ROWS_INVALID') ?? 0) + result.refused)
        }
        combine.keep()
        return { outputs, refused, onCommitted: () => tell(results, refused) }
      }
    },
  }
}
