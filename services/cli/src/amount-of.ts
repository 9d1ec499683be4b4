/** A number as English writes it: `1,234`. */
export const count = (value: number): string => value.toLocaleString('en')

/** The same with its noun: `1 decision`, `1,234 decisions`. */
export function amountOf(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
