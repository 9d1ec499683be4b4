import { amountOf, count } from '../amount-of.ts'
import type { Watched } from './watch.ts'

/** Of a key without a whole window, so that nobody takes what was not looked at for calm; undefined where there is one. */
export function whyUntested({ windows, left }: Watched, window: number): string | undefined {
  if (windows > 0) return undefined
  const way = left > 0 ? `; --window ${left} makes one of them` : ''
  return `nothing was tested: ${amountOf(left, 'explanation')} ${left === 1 ? 'is' : 'are'} less than one window of ${count(window)}${way}`
}
