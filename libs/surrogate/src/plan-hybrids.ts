import type { Random } from '@raison/numerics'
import type { Background, Players } from '@raison/shapley'

/** Rows of the kind that decisions are: the training rows, or the reference when there are none. */
export interface Source {
  readonly rows: Float32Array
  readonly rowCount: number
}

/**
 * `count` hybrids (x_S, z) to fit a surrogate on, row-major: the size of S uniform from none to all players, z a reference
 * row, x a source row or, half the time, a crossover of two, so that few source rows do not make a narrow surrogate.
 */
export function planHybrids(
  source: Source,
  background: Background,
  players: Players,
  count: number,
  random: Random,
): Float32Array {
  const width = players.ofFeature.length
  const hybrids = new Float32Array(count * width)
  const inside = subsetDrawer(players.count, random)
  for (let k = 0; k < count; k++) {
    const out = hybrids.subarray(k * width, (k + 1) * width)
    out.set(rowOf(source, random.below(source.rowCount), width))
    if (random.uniform() < 0.5) mixIn(out, rowOf(source, random.below(source.rowCount), width), players, inside())
    mixIn(out, rowOf(background, random.below(background.rowCount), width), players, inside())
  }
  return hybrids
}

function rowOf({ rows }: Source, index: number, width: number): Float32Array {
  return rows.subarray(index * width, (index + 1) * width)
}

/** Takes the features of the players outside the coalition from `other`. */
function mixIn(row: Float32Array, other: Float32Array, { ofFeature }: Players, coalition: Uint8Array): void {
  for (let j = 0; j < row.length; j++) if (coalition[ofFeature[j]!] === 0) row[j] = other[j]!
}

/** Coalitions of a uniform size; the array is the same one every time. */
function subsetDrawer(playerCount: number, random: Random): () => Uint8Array {
  const order = Int32Array.from({ length: playerCount }, (_, i) => i)
  const coalition = new Uint8Array(playerCount)
  return () => {
    const size = random.below(playerCount + 1)
    coalition.fill(0)
    for (let i = 0; i < size; i++) {
      const other = i + random.below(playerCount - i)
      const kept = order[other]!
      order[other] = order[i]!
      order[i] = kept
      coalition[kept] = 1
    }
    return coalition
  }
}
