/** The median, with the smallest and the largest. */
export function spread(values: readonly number[]): string {
  return `${short(median(values))} (${short(Math.min(...values))} – ${short(Math.max(...values))})`
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function short(value: number): string {
  return value >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}
