import { expect, test } from 'vitest'
import { createPace } from './batch-pace.ts'

test('records that are prepared fast come in the largest batches, after two small ones', () => {
  const pace = createPace(1000)
  const sizes = [100, 400, 1000].map((records) => {
    const { size } = pace
    pace.measured(records, records / 10)
    return size
  })
  expect(sizes).toEqual([100, 400, 1000])
  expect(pace.size).toBe(1000)
})

test('of records that take long, a batch holds as many as a second is enough for, and at least one', () => {
  const pace = createPace(1000)
  pace.measured(100, 4000)
  expect(pace.size).toBe(25)
  pace.measured(25, 1000)
  expect(pace.size).toBe(25)
  pace.measured(1, 60_000)
  expect(pace.size).toBe(1)
  pace.measured(1, 10)
  expect(pace.size).toBe(4)
})

test('a smaller limit holds from the first batch on', () => {
  const pace = createPace(10)
  expect(pace.size).toBe(10)
  pace.measured(10, 0)
  expect(pace.size).toBe(10)
})
