import type { Random } from '@raison/numerics'

/** Row indices in a new order: the first `count` of them are drawn without replacement (Fisher–Yates, cut short). */
export function drawRows(rows: readonly number[], count: number, random: Random): number[] {
  const order = rows.slice()
  for (let k = 0; k < count; k++) {
    const other = k + random.below(order.length - k)
    ;[order[k], order[other]] = [order[other]!, order[k]!]
  }
  return order
}
