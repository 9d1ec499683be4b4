import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CatalogueReason, ReasonPolicy } from './index.ts'
import { selectReasons, type PlainCatalogue, type PlayerContribution } from './select-reasons.test-data.ts'

const high: ReasonPolicy = { most: 4, adverse: 'high' }

function catalogueOf(names: readonly string[], reasons?: readonly Partial<CatalogueReason>[]): PlainCatalogue {
  const players = names.map((name) => ({
    name,
    features: [{ name, label: { en: name }, unit: undefined, values: new Map<string, string>(), actionable: false }],
  }))
  const given = reasons ?? names.map((name, i) => ({ code: name, players: [i] }))
  return {
    players,
    reasons: given.map((reason) => ({
      code: 'X',
      players: [],
      direction: undefined,
      texts: { en: '{label}' },
      ...reason,
    })),
  }
}

function contributionsOf(...contributions: readonly number[]): PlayerContribution[] {
  return contributions.map((contribution) => ({ contribution, values: [1], referenceValues: [2] }))
}

const codes = (reasons: readonly { code: string }[]): string[] => reasons.map(({ code }) => code)

describe('which factors become reasons', () => {
  test('the most adverse come first, and those that helped are never listed', () => {
    const reasons = selectReasons(contributionsOf(0.1, -2, 0.5, 0.3), catalogueOf(['a', 'b', 'c', 'd']), high)
    expect(codes(reasons)).toEqual(['c', 'd', 'a'])
    expect(reasons.map(({ rank }) => rank)).toEqual([1, 2, 3])
  })

  test('with a low score as the adverse side, negative contributions hurt and keep their sign', () => {
    const reasons = selectReasons(contributionsOf(0.1, -2, -0.5), catalogueOf(['a', 'b', 'c']), {
      most: 4,
      adverse: 'low',
    })
    expect(reasons.map(({ code, contribution }) => [code, contribution])).toEqual([
      ['b', -2],
      ['c', -0.5],
    ])
  })

  test('four is the most whatever the policy asks, and a policy may ask for fewer', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const contributions = contributionsOf(6, 5, 4, 3, 2, 1)
    expect(codes(selectReasons(contributions, catalogueOf(names), { most: 9, adverse: 'high' }))).toEqual([
      'a',
      'b',
      'c',
      'd',
    ])
    expect(codes(selectReasons(contributions, catalogueOf(names), { most: 1, adverse: 'high' }))).toEqual(['a'])
  })

  test('a policy that asks for none, or for less than none, gets none', () => {
    for (const most of [0, -1, NaN])
      expect(selectReasons(contributionsOf(2, 1), catalogueOf(['a', 'b']), { most, adverse: 'high' })).toEqual([])
  })

  test('zero, minus zero and what summing leaves behind are no reasons', () => {
    const reasons = selectReasons(contributionsOf(0, -0, 3e-17, 0.2), catalogueOf(['a', 'b', 'c', 'd']), high)
    expect(codes(reasons)).toEqual(['d'])
    expect(selectReasons(contributionsOf(0, -0), catalogueOf(['a', 'b']), high)).toEqual([])
  })

  test('a code over several players weighs what they contribute together', () => {
    const catalogue = catalogueOf(
      ['a', 'b', 'c'],
      [
        { code: 'both', players: [0, 1] },
        { code: 'c', players: [2] },
      ],
    )
    const [first, second] = selectReasons(contributionsOf(0.5, -0.25, 0.375), catalogue, high)
    expect(first).toMatchObject({ code: 'c', contribution: 0.375 })
    expect(second).toMatchObject({ code: 'both', contribution: 0.25, features: ['a', 'b'], direction: 'none' })
  })

  test('a contribution that is not a number is refused by name', () => {
    for (const broken of [NaN, Infinity])
      expect(() => selectReasons(contributionsOf(1, broken), catalogueOf(['a', 'income']), high)).toThrow(
        expect.objectContaining({ code: 'CONTRIBUTION_NOT_FINITE', message: expect.stringContaining('income') }),
      )
  })

  test('contributions of another number of players are refused', () => {
    expect(() => selectReasons(contributionsOf(1), catalogueOf(['a', 'b']), high)).toThrow(
      expect.objectContaining({ code: 'CONTRIBUTION_COUNT' }),
    )
  })
})

describe('directions', () => {
  const catalogue = catalogueOf(
    ['income'],
    [
      { code: 'TOO_HIGH', players: [0], direction: 'above' },
      { code: 'TOO_LOW', players: [0], direction: 'below' },
      { code: 'INCOME', players: [0] },
    ],
  )
  const at = (value: number, referenceValue: number): PlayerContribution[] => [
    { contribution: 1, values: [value], referenceValues: [referenceValue] },
  ]

  test.each([
    ['below the mean', 10, 20, 'TOO_LOW', 'below'],
    ['above the mean', 30, 20, 'TOO_HIGH', 'above'],
    ['missing', NaN, 20, 'INCOME', 'none'],
    ['the mean itself', 20, 20, 'INCOME', 'none'],
  ])('a value that is %s takes the code of its side', (_, value, mean, code, direction) => {
    const reasons = selectReasons(at(value, mean), catalogue, high)
    expect(reasons).toMatchObject([{ code, direction, tieBroken: false, share: 1 }])
  })
})

describe('a factor that two codes cover', () => {
  const catalogue = catalogueOf(
    ['a', 'b'],
    [
      { code: 'A', players: [0] },
      { code: 'GROUP', players: [0, 1] },
      { code: 'B', players: [1] },
    ],
  )

  test('goes to the code that carries more, and is not told twice', () => {
    expect(codes(selectReasons(contributionsOf(3, 1), catalogue, high))).toEqual(['GROUP'])
    expect(codes(selectReasons(contributionsOf(3, -1), catalogue, high))).toEqual(['A'])
  })

  test('goes to the earlier code when both carry the same, and that is no tie between factors', () => {
    expect(selectReasons(contributionsOf(3, 0), catalogue, high)).toMatchObject([{ code: 'A', tieBroken: false }])
  })
})

describe('ties', () => {
  test('equal contributions follow the catalogue and are marked', () => {
    const reasons = selectReasons(contributionsOf(1, 2, 1), catalogueOf(['a', 'b', 'c']), high)
    expect(reasons.map(({ code, tieBroken }) => [code, tieBroken])).toEqual([
      ['b', false],
      ['a', true],
      ['c', true],
    ])
  })

  test('a difference of a few ulps is a tie', () => {
    const reasons = selectReasons(contributionsOf(0.3, 0.1 + 0.2), catalogueOf(['a', 'b']), high)
    expect(codes(reasons)).toEqual(['a', 'b'])
    expect(reasons.every(({ tieBroken }) => tieBroken)).toBe(true)
  })

  test('the last reason is marked when the one left out weighs the same', () => {
    const reasons = selectReasons(contributionsOf(5, 4, 3, 2, 2), catalogueOf(['a', 'b', 'c', 'd', 'e']), high)
    expect(reasons.map(({ tieBroken }) => tieBroken)).toEqual([false, false, false, true])
  })
})

describe('for any decision', () => {
  const contribution = fc.oneof(fc.constantFrom(0, -0, 1, 1, -1), fc.double({ min: -50, max: 50, noNaN: true }))
  const decision = fc.record({
    contributions: fc.array(contribution, { minLength: 1, maxLength: 12 }),
    adverse: fc.constantFrom('high' as const, 'low' as const),
    seed: fc.infiniteStream(fc.nat()),
  })
  const property = (
    check: (d: { contributions: number[]; adverse: 'high' | 'low'; seed: Iterable<number> }) => void,
  ): void => fc.assert(fc.property(decision, check), { seed: 20261122, numRuns: 500 })
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`)

  test('at most four reasons, all adverse, each player once, shares of one whole', () => {
    property(({ contributions, adverse }) => {
      const players = names(contributions.length)
      const singles = players.map((code, i) => ({ code, players: [i] }))
      const pairs = players.slice(1).map((name, i) => ({ code: `with ${name}`, players: [i, i + 1] }))
      const catalogue = catalogueOf(players, [...pairs, ...singles])
      const reasons = selectReasons(contributionsOf(...contributions), catalogue, { most: 4, adverse })

      expect(reasons.length).toBeLessThanOrEqual(4)
      for (const reason of reasons) {
        expect(adverse === 'high' ? reason.contribution : -reason.contribution).toBeGreaterThan(0)
        expect(reason.share).toBeGreaterThan(0)
        expect(reason.share).toBeLessThanOrEqual(1)
      }
      expect(reasons.reduce((sum, { share }) => sum + share, 0)).toBeLessThanOrEqual(1 + 1e-12)
      const told = reasons.flatMap(({ features }) => features)
      expect(new Set(told).size).toBe(told.length)
    })
  })

  test('the order of the players changes nothing, the catalogue staying the same', () => {
    property(({ contributions, adverse, seed }) => {
      const keys = [...contributions.keys()].map((i) => [i, seed[Symbol.iterator]().next().value] as const)
      const order = keys.toSorted((a, b) => a[1] - b[1]).map(([i]) => i)
      const players = names(contributions.length)
      const shuffledPlayers = order.map((i) => players[i]!)
      const shuffledReasons = players.map((code, i) => ({ code, players: [order.indexOf(i)] }))

      const policy = { most: 4, adverse }
      const plain = selectReasons(contributionsOf(...contributions), catalogueOf(players), policy)
      const shuffled = selectReasons(
        contributionsOf(...order.map((i) => contributions[i]!)),
        catalogueOf(shuffledPlayers, shuffledReasons),
        policy,
      )
      const told = ({ code, contribution, tieBroken }: (typeof plain)[number]): unknown => [
        code,
        contribution,
        tieBroken,
      ]
      expect(shuffled.map(told)).toEqual(plain.map(told))
    })
  })

  test('nothing left out weighs more than what is listed', () => {
    property(({ contributions, adverse }) => {
      const players = names(contributions.length)
      const reasons = selectReasons(contributionsOf(...contributions), catalogueOf(players), { most: 4, adverse })
      const weights = contributions.map((c) => (adverse === 'high' ? c : -c))
      const listed = reasons.map(({ code }) => players.indexOf(code))
      const largestLeftOut = Math.max(0, ...weights.filter((_, i) => !listed.includes(i)))
      if (reasons.length === 4)
        for (const i of listed) expect(weights[i]!).toBeGreaterThanOrEqual(largestLeftOut - 1e-7)
      else expect(largestLeftOut).toBeLessThanOrEqual(1e-7)
    })
  })
})
