import { describe, expect, it } from 'vitest'
import { gaussLegendre } from './quadrature.ts'

describe('Gauss–Legendre quadrature', () => {
  it('is exact for even powers up to twice its nodes less two, from 1 to 40 nodes', () => {
    for (let count = 1; count <= 40; count++) {
      const { centreWeight, nodes, weights } = gaussLegendre(count)
      for (let power = 0; power <= 2 * count - 2; power += 2) {
        const sum = nodes.reduce((total, t, i) => total + weights[i]! * t ** power, power === 0 ? centreWeight : 0)
        expect(sum).toBeCloseTo(1 / (power + 1), 13)
      }
    }
  })
})
