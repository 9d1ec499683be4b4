/**
 * The t with P(|T| ≤ t) = `coverage` for Student's T with a whole number of degrees of freedom: the half width, in standard
 * errors, of an interval of that coverage (in [0, 1)).
 *
 * With t = √ν·tan θ the probability is a finite sum in sin θ and cos θ (Abramowitz & Stegun 26.7.3 and 26.7.4). It is
 * concave in θ, so Newton's steps from 0 approach the answer from below.
 */
export function studentHalfWidth(coverage: number, degreesOfFreedom: number): number {
  let angle = 0
  for (;;) {
    const { probability, density } = withinAngle(angle, degreesOfFreedom)
    const next = angle + (coverage - probability) / density
    if (!(next > angle)) return Math.sqrt(degreesOfFreedom) * Math.tan(angle)
    angle = next
  }
}

/** P(|T| ≤ √ν·tan θ) and its derivative by θ. */
function withinAngle(angle: number, degreesOfFreedom: number): { probability: number; density: number } {
  const cosine = Math.cos(angle)
  const odd = degreesOfFreedom % 2 === 1
  let term = odd ? (2 / Math.PI) * cosine : 1
  let sum = 0
  for (let power = odd ? 1 : 0; power < degreesOfFreedom; power += 2) {
    sum += term
    term *= (cosine * cosine * (power + 1)) / (power + 2)
  }
  const probability = (odd ? (2 / Math.PI) * angle : 0) + Math.sin(angle) * sum
  return { probability, density: (degreesOfFreedom * term) / cosine }
}
