import type { DrawSubsetInto } from './draw-subset.ts'

export interface SubsetRequest {
  readonly playerCount: number
  /** At most half of the players. With just half of them, of a subset and its complement only one counts. */
  readonly size: number
  readonly count: number
  /** How many there are. */
  readonly available: number
}

/** Writes `count` different subsets, one after the other, to `out` from `start` on. */
export function distinctSubsetsInto(
  request: SubsetRequest,
  drawSubsetInto: DrawSubsetInto,
  out: Uint8Array,
  start: number,
): void {
  const { playerCount, count, available } = request
  if (2 * count <= available) drawDistinctInto(request, drawSubsetInto, out, start)
  else {
    // When most are wanted, those to leave out are drawn.
    const few = { ...request, count: available - count }
    const left = drawDistinctInto(few, drawSubsetInto, new Uint8Array((few.count + 1) * playerCount), 0)
    let at = start
    forEachSubset(request, (subset) => {
      if (left.has(keyOf(subset, 0, playerCount))) return
      out.set(subset, at)
      at += playerCount
    })
  }
}

/** Returns the keys of the subsets drawn. */
function drawDistinctInto(
  { playerCount, size, count }: SubsetRequest,
  drawSubsetInto: DrawSubsetInto,
  out: Uint8Array,
  start: number,
): Set<string> {
  const keys = new Set<string>()
  while (keys.size < count) {
    const at = start + keys.size * playerCount
    drawSubsetInto(size, out, at)
    if (2 * size === playerCount) leaveOutLast(out, at, playerCount)
    keys.add(keyOf(out, at, playerCount))
  }
  return keys
}

/** Of a subset and its complement, the one without the last player. */
function leaveOutLast(out: Uint8Array, start: number, playerCount: number): void {
  if (out[start + playerCount - 1] === 0) return
  for (let i = start; i < start + playerCount; i++) out[i] = 1 - out[i]!
}

/** One bit a player, sixteen to a character. */
function keyOf(members: Uint8Array, start: number, playerCount: number): string {
  let key = ''
  for (let from = 0; from < playerCount; from += 16) {
    let bits = 0
    for (let i = from; i < Math.min(from + 16, playerCount); i++) bits = 2 * bits + members[start + i]!
    key += String.fromCharCode(bits)
  }
  return key
}

/** Visits them in lexicographic order of their members; the array is used again. */
function forEachSubset({ playerCount, size }: SubsetRequest, visit: (subset: Uint8Array) => void): void {
  const subset = new Uint8Array(playerCount)
  const end = 2 * size === playerCount ? playerCount - 1 : playerCount
  const extend = (from: number, missing: number): void => {
    if (missing === 0) return visit(subset)
    for (let player = from; player <= end - missing; player++) {
      subset[player] = 1
      extend(player + 1, missing - 1)
      subset[player] = 0
    }
  }
  extend(0, size)
}
