import type { Random } from '@raison/numerics'
import type { Source } from '@raison/surrogate'

/** Half of the way beyond either of two values. */
const [least, most] = [-0.5, 1.5]
/** A feature with so few values is a list of them: nothing lies between. */
const fewValues = 10

/**
 * `count` rows that are like those of `source` and are none of them: half of the values are those of one row, the others lie
 * between it and another row, or somewhat beyond. Applicants are strangers to a reference of a hundred, and a surrogate that was
 * fitted and measured on its rows alone looks better than it is.
 */
export function drawStrangers({ rows, rowCount }: Source, count: number, random: Random): Source {
  const width = rows.length / rowCount
  const listed = Array.from({ length: width }, (_, j) => isListed(rows, width, j))
  const strangers = new Float32Array(count * width)
  for (let k = 0; k < count; k++) {
    const one = random.below(rowCount) * width
    for (let j = 0; j < width; j++) {
      const value = rows[one + j]!
      const other = rows[random.below(rowCount) * width + j]!
      const between = value + (least + (most - least) * random.uniform()) * (other - value)
      const moved = listed[j]! || Number.isNaN(between) ? other : between
      strangers[k * width + j] = random.uniform() < 0.5 ? value : moved
    }
  }
  return { rows: strangers, rowCount: count }
}

function isListed(rows: Float32Array, width: number, column: number): boolean {
  const values = new Set<number>()
  for (let at = column; at < rows.length && values.size <= fewValues; at += width) values.add(rows[at]!)
  return values.size <= fewValues
}
