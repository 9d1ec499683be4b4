import type { Decode, DriftSignal, Encode, MonitorInput } from '@raison/events'
import {
  combineWindows,
  type Combine,
  type CombineResult,
  type EvidenceSettings,
  type FindBaseline,
} from '@raison/monitoring'
import type { StatefulProcessor } from '@raison/stream-runtime'
import { decodeOrRefuse, type Refused } from './window-stage.ts'

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
        const inputs: TimedInput[] = []
        for (const { value, timestamp } of records)
          inputs.push({ input: await decodeOrRefuse(decode, value), timestamp: Number(timestamp) })
        const { results, refused } = combineAll(combine, inputs)
        combine.keep()
        const signals = results.flatMap((result) => result.signals)
        const outputs = signals.map((signal) => ({ topic: topics.drift, key: signal.modelName, value: encode(signal) }))
        return { outputs, refused, onCommitted: () => tell(results, refused) }
      }
    },
  }
}

interface TimedInput {
  readonly input: MonitorInput | Refused
  readonly timestamp: number
}

const rowsInvalid: Refused = { code: 'ROWS_INVALID' }

/** What came of them, and by code how many nothing came of. */
function combineAll(
  combine: Combine,
  inputs: readonly TimedInput[],
): { readonly results: CombineResult[]; readonly refused: ReadonlyMap<string, number> } {
  const results: CombineResult[] = []
  const refused = new Map<string, number>()
  const refuse = ({ code }: Refused): void => void refused.set(code, (refused.get(code) ?? 0) + 1)
  for (const { input, timestamp } of inputs) {
    if ('code' in input) refuse(input)
    else {
      const result = combine.take(input, timestamp)
      results.push(result)
      if (result.refused > 0) refuse(rowsInvalid)
    }
  }
  return { results, refused }
}
