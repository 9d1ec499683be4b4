/** A number as English writes it, with its noun: `1 decision`, `1,234 decisions`. */
export function amountOf(value: number, noun: string): string {
  return `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`
}
