import { BroadcastChannel } from 'node:worker_threads'
import type { FoundIn } from '@raison/artefact-store'
import type { DecisionExplanation } from '@raison/events'

/** What a thread has explained in one go. */
export interface ExplainedNews {
  readonly methods: readonly ExplainedBy[]
  /** How a fit has ended. */
  readonly fitted?: 'done' | 'failed'
  /** Where a bundle that was opened has its artefact. */
  readonly artefact?: FoundIn
}

export interface ExplainedBy {
  readonly method: string
  readonly count: number
  /** Of one decision, the mean of those explained together. */
  readonly milliseconds: number
  /** Made by sampling alone, because nothing is fitted yet. */
  readonly withoutSurrogate: number
}

export type TellExplained = (news: ExplainedNews) => void

const channelName = 'raison-explained'

/** The way out of a thread; it ends with the thread. */
export function openExplainedNews(): TellExplained {
  const channel = new BroadcastChannel(channelName)
  channel.unref()
  return (news) => channel.postMessage(news)
}

/** Hears every thread of this process until closed. */
export function hearExplained(hear: TellExplained): { close(): void } {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = (message: unknown) => hear((message as { readonly data: ExplainedNews }).data)
  return channel
}

/** By method, each with its part of the milliseconds that all took. */
export function countExplained(explanations: readonly DecisionExplanation[], milliseconds: number): ExplainedBy[] {
  const each = milliseconds / Math.max(1, explanations.length)
  const byMethod = Map.groupBy(explanations, ({ method }) => method)
  return Array.from(byMethod, ([method, ofMethod]) => ({
    method,
    count: ofMethod.length,
    milliseconds: each,
    withoutSurrogate: ofMethod.filter(({ quality }) => quality.degraded).length,
  }))
}
