import { planHybrids, type Source } from '@raison/surrogate'
import { createRandom } from '@raison/numerics'
import { ExplainError } from './explain-error.ts'
import { stageEnds } from './fit-time.ts'
import type { FitContext } from './fit-context.ts'
import { assertFinite } from './held-out.ts'

/** Rows between applicants and reference, scored: what surrogates are fitted to. */
export interface Hybrids {
  readonly rows: Float32Array
  readonly rowCount: number
  readonly featureCount: number
  readonly targets: Float64Array
}

/** From 400,000 on the error still fell by a third to 1,200,000, on nets of 12 features; they are 60 to 300 MB. */
const mostHybrids = 1_200_000
/** Scored in one go, and the fewest that a fit is made of. */
const pieceRows = 2_000

/** As many as their share of the time gives: at least `fewest`, but no more than help. Throws ExplainError. */
export async function drawHybrids(
  { sampled: { route, background, players }, time, say }: FitContext,
  source: Source,
  fewest: number,
  seed: number,
): Promise<Hybrids> {
  const random = createRandom(seed)
  const pieces: Piece[] = []
  const [began, whole] = [time.spent(), time.until(stageEnds.hybrids)]
  for (let share = 0; share < 1;) {
    const rows = planHybrids(source, background, players, pieceRows, random)
    pieces.push({ rows, targets: await route.outputs(rows.slice(), pieceRows) })
    const count = pieces.length * pieceRows
    const spent = whole === 0 ? 1 : (time.spent() - began) / whole
    share = count < fewest ? Math.min(spent, 0.99) : Math.min(1, Math.max(count / mostHybrids, spent))
    say({ step: 'scoring hybrids', share })
  }
  return assertVaried(joinPieces(pieces, players.ofFeature.length))
}

export function firstRows({ rows, rowCount, featureCount, targets }: Hybrids, count: number): Hybrids {
  const kept = Math.min(count, rowCount)
  return { rows: rows.slice(0, kept * featureCount), rowCount: kept, featureCount, targets: targets.slice(0, kept) }
}

interface Piece {
  readonly rows: Float32Array
  readonly targets: Float64Array
}

function joinPieces(pieces: readonly Piece[], featureCount: number): Hybrids {
  const rowCount = pieces.length * pieceRows
  const rows = new Float32Array(rowCount * featureCount)
  const targets = new Float64Array(rowCount)
  pieces.forEach((piece, k) => {
    rows.set(piece.rows, k * pieceRows * featureCount)
    targets.set(piece.targets, k * pieceRows)
  })
  return { rows, rowCount, featureCount, targets }
}

function assertVaried(hybrids: Hybrids): Hybrids {
  const targets = assertFinite(hybrids.targets)
  if (targets.every((target) => target === targets[0]))
    throw new ExplainError(
      'FIT_NOT_NEEDED',
      `the model answers ${targets[0]} for every row between the applicants and the reference: there is nothing to fit`,
    )
  return hybrids
}
