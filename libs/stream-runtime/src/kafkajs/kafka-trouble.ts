import { StreamError } from '../stream-error.ts'
import { missingRight } from './missing-right.ts'

/**
 * What kafkajs throws in the middle of a protocol step says that the step failed, never how it ended: the partition is taken anew.
 * Throws KAFKA_TROUBLE, or RIGHT_MISSING.
 */
export async function orTrouble<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw troubleOf(step, error)
  }
}

export function troubleOf(step: string, error: unknown): StreamError {
  if (error instanceof StreamError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return missingRight(error, step) ?? new StreamError('KAFKA_TROUBLE', `${step}: ${reason}`, { cause: error })
}
