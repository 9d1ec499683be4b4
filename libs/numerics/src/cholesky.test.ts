import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factorCholesky, invertCholesky, solveCholesky } from './cholesky.ts'
import { createRandom } from './random.ts'

const settings = { seed: 20261122, numRuns: 100 }
const size = fc.integer({ min: 1, max: 12 })

describe('the Cholesky factor', () => {
  it('solves for the vector that the matrix was multiplied with', () => {
    fc.assert(
      fc.property(fc.integer(), size, (seed, n) => {
        const matrix = positiveDefinite(seed, n)
        const expected = Float64Array.from({ length: n }, (_, i) => Math.sin(seed + i))
        const vector = multiply(matrix, n, expected)
        factorCholesky(matrix, n)
        solveCholesky(matrix, n, vector)
        expected.forEach((x, i) => expect(vector[i]).toBeCloseTo(x, 9))
      }),
      settings,
    )
  })

  it('gives the inverse, whatever stands above the diagonal of the matrix', () => {
    fc.assert(
      fc.property(fc.integer(), size, (seed, n) => {
        const matrix = positiveDefinite(seed, n)
        const factor = matrix.map((x, at) => (at % n > Math.floor(at / n) ? NaN : x))
        factorCholesky(factor, n)
        const inverse = invertCholesky(factor, n)
        for (let j = 0; j < n; j++) {
          const column = multiply(matrix, n, inverse.slice(j * n, j * n + n))
          column.forEach((x, i) => expect(x).toBeCloseTo(i === j ? 1 : 0, 9))
        }
      }),
      settings,
    )
  })

  it('is refused when the matrix is not positive definite', () => {
    expect(() => factorCholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow('its pivot 1 is -3')
    expect(() => factorCholesky(Float64Array.of(NaN), 1)).toThrow(RangeError)
  })
})

/** BBᵀ + I of a random B. */
function positiveDefinite(seed: number, n: number): Float64Array {
  const random = createRandom(seed)
  const b = Float64Array.from({ length: n * n }, random.normal)
  const matrix = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      matrix[i * n + j] = i === j ? 1 : 0
      for (let k = 0; k < n; k++) matrix[i * n + j]! += b[i * n + k]! * b[j * n + k]!
    }
  return matrix
}

function multiply(matrix: Float64Array, n: number, vector: Float64Array): Float64Array {
  return vector.map((_, i) => vector.reduce((sum, x, j) => sum + matrix[i * n + j]! * x, 0))
}
