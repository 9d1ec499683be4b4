/**
 * Gauss–Legendre rule on [−1, 1] with weights that sum to 1 (those of [0, 1]), as its symmetric halves: the weight of the
 * centre (0 when the count of nodes is even), and each positive node with the weight of ±node together.
 */
export interface SymmetricRule {
  readonly centreWeight: number
  readonly nodes: readonly number[]
  readonly weights: readonly number[]
}

/** Exact for polynomials of degree 2·`nodeCount` − 1. */
export function gaussLegendre(nodeCount: number): SymmetricRule {
  const nodes = Array.from({ length: nodeCount >> 1 }, (_, i) => findRoot(nodeCount, i))
  const weightAt = (t: number): number => 1 / ((1 - t * t) * legendre(nodeCount, t).slope ** 2)
  return {
    centreWeight: nodeCount % 2 === 1 ? weightAt(0) : 0,
    nodes,
    weights: nodes.map((t) => 2 * weightAt(t)),
  }
}

/** Newton's method from Tricomi's estimate of the i-th largest root. */
function findRoot(degree: number, i: number): number {
  let t = Math.cos((Math.PI * (i + 0.75)) / (degree + 0.5))
  for (let step = 0; step < 8; step++) {
    const { value, slope } = legendre(degree, t)
    t -= value / slope
  }
  return t
}

function legendre(degree: number, t: number): { readonly value: number; readonly slope: number } {
  let previous = 1
  let value = t
  for (let k = 2; k <= degree; k++) [previous, value] = [value, ((2 * k - 1) * t * value - (k - 1) * previous) / k]
  return { value, slope: (degree * (t * value - previous)) / (t * t - 1) }
}
