import { factorCholesky, invertCholesky, solveCholesky } from '@raison/numerics'

/**
 * Least squares on signs: d_k ≈ Σ_i c_i·s_ki with s = +1 for members and −1 for the others, Σ c_i = `total`.
 * Odd parts of games are linear in such signs, which halves the rows of a regression on coalitions.
 */
export interface SignRegression {
  readonly columnCount: number
  readonly rowCount: number
  /** At least rowCount × columnCount, row-major: 1 for a member (s = +1), 0 otherwise (s = −1). */
  readonly members: Uint8Array
  /** One d per row. */
  readonly differences: Float64Array
  readonly weights: Float64Array
  readonly total: number
  /** Weight λ > 0 of ‖c − mean c‖² beside the squared errors. */
  readonly ridge: number
}

export interface SignFit {
  /** The c, one per column. */
  readonly values: Float64Array
  /** (ZᵀWZ + λ)⁻¹ with Z the signs less the mean of their row, on the vectors that sum to 0; columnCount², symmetric. */
  readonly inverse: Float64Array
  /** Weighted sum of squared errors plus λ‖c − mean c‖². */
  readonly loss: number
}

export function fitSigns(regression: SignRegression): SignFit {
  const { columnCount: n, total, ridge } = regression
  const { gram, moment, squares } = normalEquations(regression)
  // The rows say nothing of a common shift of all c; a penalty on it changes nothing else and keeps the factor stable.
  const shift = ridge + meanOfDiagonal(gram, n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) gram[i * n + j]! += shift / n + (i === j ? ridge : 0)
  factorCholesky(gram, n)
  const solution = moment.slice()
  solveCholesky(gram, n, solution)
  centre(solution)
  const inverse = invertCholesky(gram, n)
  centreBoth(inverse, n)
  const loss = squares - moment.reduce((sum, m, i) => sum + m * solution[i]!, 0)
  return { values: solution.map((x) => x + total / n), inverse, loss: Math.max(loss, 0) }
}

/** ZᵀWZ, ZᵀWr and rᵀWr, where r is d less what equal shares of the total explain. */
function normalEquations({ columnCount: n, rowCount, members, differences, weights, total }: SignRegression) {
  const gram = new Float64Array(n * n)
  const moment = new Float64Array(n)
  const listed = new Int32Array(n)
  let squares = 0
  for (let k = 0; k < rowCount; k++) {
    const size = listSmallerSide(members, k * n, n, listed)
    // Listing the others instead of the members turns the row's sign, and the difference with it.
    const count = Math.abs(size)
    const rest = size < 0 ? -differences[k]! : differences[k]!
    const r = rest - ((2 * count - n) * total) / n
    const weight = weights[k]!
    squares += weight * r * r
    for (let a = 0; a < count; a++) {
      const start = listed[a]! * n
      moment[listed[a]!]! += 2 * weight * r
      for (let b = 0; b <= a; b++) gram[start + listed[b]!]! += 4 * weight
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) gram[j * n + i] = gram[i * n + j]!
  // Zᵀ = 2·(memberships less their row's mean), so both sides are centred after the sums.
  centreBoth(gram, n)
  centre(moment)
  return { gram, moment, squares }
}

/**
 * Lists the members of a row, or the others when those are fewer, in ascending order. Returns how many, negative for the
 * others.
 */
export function listSmallerSide(members: Uint8Array, start: number, n: number, listed: Int32Array): number {
  let size = 0
  for (let i = 0; i < n; i++) size += members[start + i]!
  const side = 2 * size > n ? 0 : 1
  let count = 0
  for (let i = 0; i < n; i++) if (members[start + i] === side) listed[count++] = i
  return side === 1 ? count : -count
}

function meanOfDiagonal(matrix: Float64Array, n: number): number {
  let sum = 0
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]!
  return sum / n
}

function centre(vector: Float64Array): void {
  const mean = vector.reduce((sum, x) => sum + x, 0) / vector.length
  for (let i = 0; i < vector.length; i++) vector[i]! -= mean
}

/** Makes every row and every column of a symmetric matrix sum to 0. */
function centreBoth(matrix: Float64Array, n: number): void {
  const means = new Float64Array(n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) means[i]! += matrix[i * n + j]! / n
  const mean = means.reduce((sum, x) => sum + x, 0) / n
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) matrix[i * n + j]! += mean - means[i]! - means[j]!
}
