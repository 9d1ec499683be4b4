import { InvalidArgumentError } from 'commander'

/** Of an option. Throws commander's InvalidArgumentError. */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new InvalidArgumentError(`${text} is not a whole number above 0.`)
}

export function positiveNumber(text: string): number {
  const number = Number(text)
  if (Number.isFinite(number) && number > 0) return number
  throw new InvalidArgumentError(`${text} is not a number above 0.`)
}
