import { describe, expect, it } from 'vitest'
import { studentHalfWidth } from './student-t.ts'

describe("the half width of Student's interval", () => {
  it.each([
    // Two-sided 95 % and 99 % points of any printed table.
    [0.95, 1, 12.706],
    [0.95, 2, 4.303],
    [0.95, 3, 3.182],
    [0.95, 4, 2.776],
    [0.95, 7, 2.365],
    [0.95, 30, 2.042],
    [0.95, 120, 1.98],
    [0.99, 1, 63.657],
    [0.99, 5, 4.032],
    [0.99, 40, 2.704],
    [0.5, 10, 0.7],
  ])('is the tabulated one for coverage %d and %i degrees of freedom', (coverage, degreesOfFreedom, expected) => {
    expect(studentHalfWidth(coverage, degreesOfFreedom)).toBeCloseTo(expected, 3)
  })

  it('approaches the normal one and shrinks with every degree of freedom', () => {
    expect(studentHalfWidth(0.95, 2_000_000)).toBeCloseTo(1.959964, 5)
    for (let degrees = 1; degrees < 300; degrees++)
      expect(studentHalfWidth(0.95, degrees + 1)).toBeLessThan(studentHalfWidth(0.95, degrees))
  })

  it('is nothing for no coverage', () => {
    expect(studentHalfWidth(0, 5)).toBe(0)
  })
})
