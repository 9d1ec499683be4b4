import { explainExact } from './explain-decision.ts'
import type { ExactRouteReady } from './open-bundle.ts'
import type { Reference } from './select-reference.ts'

/** Largest |base value + Σ contributions − output| over the reference rows. */
export function worstAdditivityGap(exact: ExactRouteReady, { rows, rowCount }: Reference): number {
  const { contributions, outputs } = explainExact(exact, rows, rowCount)
  const { playerCount, baseValue } = exact.explainer
  let worst = 0
  for (let row = 0; row < rowCount; row++) {
    let sum = baseValue
    for (let player = 0; player < playerCount; player++) sum += contributions[row * playerCount + player]!
    worst = Math.max(worst, Math.abs(sum - outputs[row]!))
  }
  return worst
}
