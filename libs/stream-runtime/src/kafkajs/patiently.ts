import { createRequire } from 'node:module'
import { retry } from './kafka-config.ts'
import { errorType } from './missing-right.ts'

type Retrier = <T>(work: (bail: (error: unknown) => void) => Promise<T | void>) => Promise<T>

const require = createRequire(import.meta.url)
const createRetrier = require('kafkajs/src/retry') as (options: typeof retry) => Retrier
const again = createRetrier(retry)

/** What passes by itself: a coordinator is loading, or has moved, or is about to end a transaction. kafkajs repeats its own requests then. */
const passing: ReadonlySet<string | undefined> = new Set([
  'CONCURRENT_TRANSACTIONS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
])

/** Repeats a question to a coordinator for about 3 s, but not to one that cannot be reached: kafkajs has tried that for as long. */
export function patiently<T>(ask: () => Promise<T>): Promise<T> {
  return again<T>((bail) =>
    ask().catch((error: unknown) => {
      if (passing.has(errorType(error))) throw error
      bail(error)
    }),
  )
}
