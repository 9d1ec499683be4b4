/**
 * Cholesky's factor L of a symmetric positive definite matrix (row-major, n × n), written over its lower triangle; the
 * upper one is neither read nor written. Throws RangeError when the matrix is not positive definite.
 */
export function factorCholesky(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const row = i * n
    for (let j = 0; j < i; j++) {
      let rest = matrix[row + j]!
      for (let k = 0; k < j; k++) rest -= matrix[row + k]! * matrix[j * n + k]!
      matrix[row + j] = rest / matrix[j * n + j]!
    }
    let pivot = matrix[row + i]!
    for (let k = 0; k < i; k++) pivot -= matrix[row + k]! * matrix[row + k]!
    if (!(pivot > 0)) throw new RangeError(`the matrix is not positive definite: its pivot ${i} is ${pivot}`)
    matrix[row + i] = Math.sqrt(pivot)
  }
}

/** Solves LLᵀx = b; `vector` holds b, then x. */
export function solveCholesky(factor: Float64Array, n: number, vector: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let rest = vector[i]!
    for (let k = 0; k < i; k++) rest -= factor[i * n + k]! * vector[k]!
    vector[i] = rest / factor[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    const x = vector[i]! / factor[i * n + i]!
    vector[i] = x
    for (let k = 0; k < i; k++) vector[k]! -= factor[i * n + k]! * x
  }
}

/** The inverse of LLᵀ, both triangles. */
export function invertCholesky(factor: Float64Array, n: number): Float64Array {
  const lower = invertLower(factor, n)
  const inverse = new Float64Array(n * n)
  for (let k = 0; k < n; k++)
    for (let i = 0; i <= k; i++) {
      const scale = lower[k * n + i]!
      for (let j = 0; j <= i; j++) inverse[i * n + j]! += scale * lower[k * n + j]!
    }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) inverse[j * n + i] = inverse[i * n + j]!
  return inverse
}

function invertLower(factor: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const scale = 1 / factor[i * n + i]!
    for (let k = 0; k < i; k++) {
      const weight = -factor[i * n + k]! * scale
      for (let j = 0; j <= k; j++) lower[i * n + j]! += weight * lower[k * n + j]!
    }
    lower[i * n + i] = scale
  }
  return lower
}
