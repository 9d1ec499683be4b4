import { describe, expect, test } from 'vitest'
import { defaultCatalogue } from './default-catalogue.ts'
import { BundleError, type Feature } from './index.ts'
import { readCatalogue, warnOfGaps, type Subjects } from './read-catalogue.ts'

function feature(given: Partial<Feature> & { name: string }): Feature {
  const rest = { label: { en: given.name }, unit: undefined, group: undefined, values: new Map<string, string>() }
  return { ...rest, actionable: false, protected: false, ...given }
}

const subjects: Subjects = {
  features: [
    feature({ name: 'LIMIT', unit: 'EUR', group: 'money' }),
    feature({ name: 'BILL', unit: 'EUR', group: 'money' }),
    feature({ name: 'city_A', group: 'home' }),
    feature({ name: 'city_B' }),
  ],
  players: [
    { name: 'LIMIT', features: [0] },
    { name: 'bill', features: [1] },
    { name: 'city', features: [2, 3] },
  ],
}

/** A catalogue of these reasons, one a line from line 3. */
function read(...reasons: readonly string[]): ReturnType<typeof readCatalogue> {
  const list = reasons.map((reason) => `  - ${reason}\n`).join('')
  return readCatalogue('reasons.yaml', `version: "1"\nreasons:\n${list}`, subjects)
}

describe('a reason', () => {
  test('is given for a feature, for all players of a group, or for a player', () => {
    const { version, entries } = read(
      '{ code: A, feature: LIMIT, direction: below, text: { en: low, fr: bas } }',
      '{ code: B, group: money, text: money }',
      '{ code: C, player: city, text: city }',
      '{ code: D, feature: BILL, text: bill }',
    )
    expect(version).toBe('1')
    expect(entries).toEqual([
      { code: 'A', players: [0], direction: 'below', texts: { en: 'low', fr: 'bas' } },
      { code: 'B', players: [0, 1], direction: undefined, texts: { en: 'money' } },
      { code: 'C', players: [2], direction: undefined, texts: { en: 'city' } },
      { code: 'D', players: [1], direction: undefined, texts: { en: 'bill' } },
    ])
  })

  test.each([
    ['a code twice', '{ code: A, feature: BILL, text: x }', 'reasons.1.code: A is reason 1 already'],
    [
      'a code that YAML reads as a number',
      '{ code: 017, feature: BILL, text: x }',
      'quote a number), such as "17", found 17',
    ],
    ['nothing it is about', '{ code: B, text: x }', 'expected one of feature | group | player, found none'],
    ['two things it is about', '{ code: B, feature: BILL, group: money, text: x }', 'found feature and group'],
    ['an unknown feature', '{ code: B, feature: AGE, text: x }', 'bundle.yaml has no feature AGE'],
    ['an unknown group', '{ code: B, group: age, text: x }', 'add `group: age` there'],
    ['an unknown player', '{ code: B, player: age, text: x }', 'bundle.yaml has no player age'],
    [
      'one column of a player',
      '{ code: B, feature: city_A, text: x }',
      'part of the player city; write `player: city`',
    ],
    [
      'a group that cuts a player in two',
      '{ code: B, group: home, text: x }',
      'city_B is explained with features of this group',
    ],
    [
      'a direction for several features',
      '{ code: B, group: money, direction: above, text: x }',
      'several features have no side',
    ],
    ['another direction', '{ code: B, feature: BILL, direction: up, text: x }', 'expected above | below, found "up"'],
    [
      'an unknown placeholder',
      '{ code: B, feature: BILL, text: { en: "{valeur}" } }',
      '{valeur} stands for nothing; use {label} {value}',
    ],
    [
      'the unit of what has none',
      '{ code: B, player: city, text: "{unit}" }',
      'there is no unit common to city_A, city_B',
    ],
    [
      'a text without English',
      '{ code: B, feature: BILL, text: { fr: x } }',
      'reasons.1.text: expected text, or texts by language with English among them',
    ],
    ['no text', '{ code: B, feature: BILL }', 'reasons.1.text: expected text'],
    ['an unknown key', '{ code: B, feature: BILL, txet: x, text: x }', 'reasons.1.txet: unknown key'],
  ])('with %s is told in its line', (_, reason, message) => {
    expect(() => read('{ code: A, feature: LIMIT, text: x }', reason)).toThrow(BundleError)
    try {
      read('{ code: A, feature: LIMIT, text: x }', reason)
    } catch (error) {
      expect((error as BundleError).problems).toMatchObject([
        { code: 'REASONS_INVALID', file: 'reasons.yaml', line: 4 },
      ])
      expect((error as BundleError).message).toContain(message)
    }
  })

  test('may be left out for a player, and the warning names it', () => {
    const { entries } = read('{ code: A, feature: LIMIT, text: x }')
    expect(warnOfGaps('reasons.yaml', entries, subjects.players)).toEqual([
      'reasons.yaml: no reason covers bill, city: an applicant they hurt is not told; add a reason for each',
    ])
  })

  test('with a direction does not cover missing values, and the warning says so', () => {
    const { entries } = read(
      '{ code: A, feature: LIMIT, direction: above, text: x }',
      '{ code: B, feature: LIMIT, direction: below, text: x }',
      '{ code: C, feature: BILL, text: x }',
      '{ code: D, player: city, text: x }',
    )
    expect(warnOfGaps('reasons.yaml', entries, subjects.players)).toEqual([
      'reasons.yaml: every reason for LIMIT has a direction, and a missing value has none; add one without direction below',
    ])
  })
})

describe('without reasons.yaml', () => {
  test('each player is a code of its own name', () => {
    const { entries } = defaultCatalogue(subjects, 'all')
    expect(entries.map(({ code, players }) => [code, players])).toEqual([
      ['LIMIT', [0]],
      ['bill', [1]],
      ['city', [2]],
    ])
    expect(warnOfGaps(undefined, entries, subjects.players)).toEqual([])
  })

  test.each([
    ['all', 'average of applicants'],
    ['approved', 'average of accepted applicants'],
    ['just-above-cutoff', 'average of applicants who were only just accepted'],
  ] as const)('the text says whose average it is: %s', (population, whose) => {
    const [limit, , city] = defaultCatalogue(subjects, population).entries
    expect(limit!.texts).toEqual({ en: `{label}: {value} (${whose}: {reference})` })
    expect(city!.texts).toEqual({ en: '{label}: {value}' })
  })

  test('codes have no average, and French comes with a French label', () => {
    const features = [
      feature({ name: 'SEX', values: new Map([['1', 'male']]) }),
      feature({ name: 'AGE', label: { en: 'Age', fr: 'Âge' } }),
    ]
    const players = features.map(({ name }, index) => ({ name, features: [index] }))
    const [sex, age] = defaultCatalogue({ features, players }, 'approved').entries
    expect(sex!.texts).toEqual({ en: '{label}: {value}', fr: '{label}\u00a0: {value}' })
    expect(age!.texts['fr']).toBe('{label}\u00a0: {value} (moyenne des demandeurs acceptés\u00a0: {reference})')
  })
})
