import { listSmallerSide, type SignFit, type SignRegression } from './fit-signs.ts'

/**
 * Standard errors of linear functions of a fit's values by the sandwich of its gradients:
 * √ Σ_k (1−π_k) w_k² e_k²/(1−h_k) (B·(ZᵀWZ)⁻¹z_k)², with h the leverage of the row, which makes its error e too small
 * (MacKinnon & White 1985, HC2). `inclusion` holds the π_k: pairs which are always in the sample add nothing. `outputsOf` is B,
 * the identity unless given. Undefined when there are no more rows than free values.
 */
export function sandwichErrors(
  { columnCount: n, rowCount, members, differences, weights, total }: SignRegression,
  { values, inverse }: SignFit,
  inclusion: Float64Array,
  outputsOf: (values: Float64Array) => Float64Array = (same) => same,
): Float64Array | undefined {
  if (rowCount < n) return undefined

  const listed = new Int32Array(n)
  const slopes = new Float64Array(n)
  const variances = new Float64Array(outputsOf(values).length)
  for (let k = 0; k < rowCount; k++) {
    if (inclusion[k] === 1) continue
    const size = listSmallerSide(members, k * n, n, listed)
    const count = Math.abs(size)
    let predicted = -total
    slopes.fill(0)
    for (let a = 0; a < count; a++) {
      const start = listed[a]! * n
      predicted += 2 * values[listed[a]!]!
      for (let i = 0; i < n; i++) slopes[i]! += 2 * inverse[start + i]!
    }
    let leverage = 0
    for (let a = 0; a < count; a++) leverage += 2 * weights[k]! * slopes[listed[a]!]!
    const error = weights[k]! * (differences[k]! - Math.sign(size) * predicted)
    // At leverage 1 a row alone decides a value, and nothing tells its error.
    const square = (error * error * (1 - inclusion[k]!)) / Math.max(1 - leverage, 1e-6)
    outputsOf(slopes).forEach((slope, i) => (variances[i]! += square * slope * slope))
  }
  return variances.map(Math.sqrt)
}
