import type { Random } from '@raison/numerics'

/** The numbers 0 … n − 1, dealt in one random order after the other: none comes again before all have come. */
export interface Deck {
  readonly order: Int32Array
  /** How many of the current order are dealt. */
  dealt: number
}

export function createDeck(size: number): Deck {
  return { order: Int32Array.from({ length: size }, (_, i) => i), dealt: size }
}

/** Deals `count` different numbers into `hand`, by the steps of a Fisher–Yates shuffle. A hand is uniform by itself. */
export function dealInto(deck: Deck, count: number, random: Random, hand: Int32Array): void {
  const { order } = deck
  let limit = order.length
  for (let i = 0; i < count; i++) {
    if (deck.dealt === order.length) {
      // A new order begins within the hand: what the hand holds already stands at the end of the old one.
      deck.dealt = 0
      limit = order.length - i
    }
    const place = deck.dealt++
    const other = place + random.below(limit - place)
    hand[i] = order[other]!
    order[other] = order[place]!
    order[place] = hand[i]!
  }
}
