/** log(1 + eˣ) without overflow. */
export function logOnePlusExp(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}

/** log Σ eˣ over `logs`; −∞ for none. */
export function logSumExp(logs: ArrayLike<number>, from = 0, to: number = logs.length): number {
  let most = -Infinity
  for (let k = from; k < to; k++) most = Math.max(most, logs[k]!)
  if (most === -Infinity) return most
  let sum = 0
  for (let k = from; k < to; k++) sum += Math.exp(logs[k]! - most)
  return most + Math.log(sum)
}

/** eˣ, or the largest number that JSON can carry. */
export function finiteExp(x: number): number {
  return Math.min(Math.exp(x), Number.MAX_VALUE)
}
