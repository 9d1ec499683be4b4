import { EventError } from '@raison/events'
import { ReasonError } from '@raison/reason-codes'
import { ExplainError } from './explain-error.ts'

/** The code of what a decision itself can be refused for; undefined for any other error, which is a bug or the system's. */
export function refusalCode(error: unknown): string | undefined {
  const ofTheDecision = error instanceof EventError || error instanceof ExplainError || error instanceof ReasonError
  return ofTheDecision ? error.code : undefined
}
