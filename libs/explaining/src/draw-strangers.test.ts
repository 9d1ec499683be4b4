import { createRandom } from '@raison/numerics'
import { expect, test } from 'vitest'
import { drawStrangers } from './draw-strangers.ts'

const width = 3
/** A number, a list of two values, and one that is missing now and then. */
const rows = Float32Array.from(
  { length: 40 * width },
  (_, at) => [at, (at / width) % 2 < 1 ? 5 : 7, at % 2 === 0 ? Number.NaN : at][at % width]!,
)
const source = { rows, rowCount: 40 }

test('strangers take listed values as they are, and others from between the rows or half the way beyond', () => {
  const { rows: drawn, rowCount } = drawStrangers(source, 500, createRandom(1))
  expect([rowCount, drawn.length]).toEqual([500, 1500])
  const column = (j: number): number[] => Array.from(drawn).filter((_, at) => at % width === j)
  expect(new Set(column(1))).toEqual(new Set([5, 7]))
  const last = 39 * width
  for (const value of column(0)) {
    expect(value).toBeGreaterThanOrEqual(-last / 2)
    expect(value).toBeLessThanOrEqual(1.5 * last)
  }
  expect(new Set(column(0)).size).toBeGreaterThan(200)
  expect(column(2).filter(Number.isNaN).length).toBeGreaterThan(50)
})

test('the same seed draws the same strangers, and of a single row all are that row', () => {
  expect(drawStrangers(source, 9, createRandom(2))).toEqual(drawStrangers(source, 9, createRandom(2)))
  const only = { rows: Float32Array.of(1, 2, 3), rowCount: 1 }
  expect(Array.from(drawStrangers(only, 2, createRandom(3)).rows)).toEqual([1, 2, 3, 1, 2, 3])
})
