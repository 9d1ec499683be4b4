/** A number as English writes it: `1,234`. */
export const count = (value: number): string => value.toLocaleString('en')

/** The same with its noun: `1 decision`, `1,234 decisions`. */
export function amountOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** The same in three digits: `5,910` below a million, `2.20e+52` from there on. */
export function threeDigits(value: number): string {
  return value < 1e6 ? value.toLocaleString('en', { maximumSignificantDigits: 3 }) : value.toPrecision(3)
}
