import { StreamError } from '../stream-error.ts'

/** What kafkajs throws in the middle of a protocol step says that the step failed, never how it ended: the partition is taken anew. */
export async function orTrouble<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof StreamError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StreamError('KAFKA_TROUBLE', `${step}: ${reason}`, { cause: error })
  }
}

/** The protocol's name of an error, wherever kafkajs has wrapped it. */
export function errorType(error: unknown): string | undefined {
  const { type, cause } = error as { type?: string; cause?: unknown }
  return type ?? (cause instanceof Error ? errorType(cause) : undefined)
}
