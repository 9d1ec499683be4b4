import { amountOf, count } from '../amount-of.ts'
import type { DriftReport } from './drift.ts'
import type { Skipped } from './read-explanations.ts'

/** Sentences about the lines of both files: how many counted, and which did not. */
export function whatWasRead({ explanations, skipped, reference, window }: DriftReport): string[] {
  const [left, leftBefore] = [tell(skipped), tell(reference)]
  return [
    `${amountOf(explanations, 'explanation')} in windows of ${count(window)}${left && `; left out: ${left}`}`,
    ...(leftBefore === '' ? [] : [`left out of the baseline: ${leftBefore}`]),
  ]
}

/** A sentence about every key that has no baseline; names are as the file has them. */
export function whatWasNotWatched({ withoutBaseline }: DriftReport): string[] {
  return [...withoutBaseline].map(
    ([key, { model, explanations }]) =>
      `no baseline of ${model} with key ${key.slice(0, 12)}…: ${amountOf(explanations, 'explanation')} not watched`,
  )
}

function tell(skipped: Skipped): string {
  const told = Object.entries(skipped).filter(([, lines]) => lines > 0)
  return told.map(([why, lines]) => `${count(lines)} ${why}`).join(', ')
}
