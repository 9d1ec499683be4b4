import type { Random } from '@raison/numerics'
import { createDeck, dealInto, type Deck } from './deck.ts'

/** Sets `size` of the `playerCount` cells of `out` from `start` on to 1 and the others to 0. */
export type DrawSubsetInto = (size: number, out: Uint8Array, start: number) => void

/** Draws subsets that are uniform and independent. */
export function independentSubsets(playerCount: number, random: Random): DrawSubsetInto {
  const deck = createDeck(playerCount)
  return drawerFrom(playerCount, random, () => {
    deck.dealt = playerCount
    return deck
  })
}

/**
 * Draws subsets that are uniform each by itself and balanced together: among those of a size (or of its complement's) no
 * player comes again before all have come. It takes a quarter off the squared error of a regression.
 */
export function balancedSubsets(playerCount: number, random: Random): DrawSubsetInto {
  const decks: (Deck | undefined)[] = []
  return drawerFrom(playerCount, random, (few) => (decks[few] ??= createDeck(playerCount)))
}

/** Deals the members or the others, whichever are fewer. */
function drawerFrom(playerCount: number, random: Random, deckFor: (few: number) => Deck): DrawSubsetInto {
  const hand = new Int32Array(playerCount)
  return (size, out, start) => {
    const few = Math.min(size, playerCount - size)
    const dealt = size === few ? 1 : 0
    dealInto(deckFor(few), few, random, hand)
    out.fill(1 - dealt, start, start + playerCount)
    for (let i = 0; i < few; i++) out[start + hand[i]!] = dealt
  }
}
