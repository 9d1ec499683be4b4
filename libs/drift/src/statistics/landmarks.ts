/** Values of the reference beside which others are looked at, one of every feature; none where plain values are watched. */
export interface Landmarks {
  /** The value that is most frequent. */
  readonly usual: Float64Array
  /** A number is among the lowest up to this one: a tenth of the reference, as nearly as its values allow. NaN: none is. */
  readonly lowest: Float64Array
  /** From this one on it is among the highest. NaN: none is. */
  readonly highest: Float64Array
}

export const noLandmarks: Landmarks = {
  usual: new Float64Array(),
  lowest: new Float64Array(),
  highest: new Float64Array(),
}

/** The numbers that stand for texts and groups of values (`numberFor`) are the 2³² whole ones from here on: no feature is likely to have one of them. */
export const firstOfTexts: number = 2 ** 52

export function sameValue(one: number, other: number): boolean {
  return one === other || (Number.isNaN(one) && Number.isNaN(other))
}

/** Texts have no order, and what is missing has no place: neither is among the lowest or the highest. */
export function isAmongLowest(value: number, lowest: number): boolean {
  return value <= lowest && !standsForText(value)
}

export function isAmongHighest(value: number, highest: number): boolean {
  return value >= highest && !standsForText(value)
}

export function standsForText(value: number): boolean {
  return value >= firstOfTexts && value < firstOfTexts + 2 ** 32
}

type ValueStatistic = 'usual-value' | 'lowest-tenth' | 'highest-tenth'

/** Whether a statistic is about a value, beside a landmark, and not about a contribution. */
export function isOfValues(statistic: string): statistic is ValueStatistic {
  return statistic === 'usual-value' || statistic === 'lowest-tenth' || statistic === 'highest-tenth'
}

/** Whether a value of feature i is one that the statistic counts. */
export function isSo(
  { usual, lowest, highest }: Landmarks,
  statistic: ValueStatistic,
  i: number,
  value: number,
): boolean {
  if (statistic === 'usual-value') return sameValue(value, usual[i]!)
  return statistic === 'lowest-tenth' ? isAmongLowest(value, lowest[i]!) : isAmongHighest(value, highest[i]!)
}
