import { sameValue, standsForText, type Landmarks } from '../statistics/landmarks.ts'

/** Of each of `n` features the landmarks of its values in `count` rows, the same in any order of the rows. */
export function findLandmarks(n: number, rows: Float64Array, count: number): Landmarks {
  const landmarks = { usual: new Float64Array(n), lowest: new Float64Array(n), highest: new Float64Array(n) }
  const values = new Float64Array(count)
  for (let i = 0; i < n; i++) {
    for (let row = 0; row < count; row++) values[row] = rows[(2 * row + 1) * n + i]!
    values.sort()
    const numbers = values.filter((value) => Number.isFinite(value) && !standsForText(value))
    landmarks.usual[i] = mostFrequent(values)
    landmarks.lowest[i] = cutNear(numbers, tail * count)
    landmarks.highest[i] = cutNear(numbers.reverse(), tail * count)
  }
  return landmarks
}

/** Of the reference. */
const tail = 0.1

/** Of several the first. */
function mostFrequent(sorted: Float64Array): number {
  let [usual, most] = [sorted[0]!, 0]
  for (let first = 0, end = 1; end <= sorted.length; end++) {
    if (end < sorted.length && sameValue(sorted[first]!, sorted[end]!)) continue
    if (end - first > most) [usual, most] = [sorted[first]!, end - first]
    first = end
  }
  return usual
}

/** The value up to which as many lie as can be nearest to `wanted`, itself and its equals among them; NaN for none. */
function cutNear(sorted: Float64Array, wanted: number): number {
  let [cut, distance] = [Number.NaN, Infinity]
  for (let end = 1; end <= sorted.length; end++) {
    if (end < sorted.length && sorted[end] === sorted[end - 1]) continue
    if (Math.abs(end - wanted) >= distance) break
    ;[cut, distance] = [sorted[end - 1]!, Math.abs(end - wanted)]
  }
  return cut
}
