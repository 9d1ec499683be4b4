import { expect, it } from 'vitest'
import { nameResponsible, type Part } from './responsible.ts'

const partOf = (feature: string, evidence: number): Part => ({
  feature,
  slice: '',
  statistic: 'share',
  direction: 'up',
  evidence,
  since: 3,
  logEvidence: Math.log(evidence),
})
const namesOf = (parts: readonly Part[]) => nameResponsible(parts, 100).map(({ feature }) => feature)

it('names every feature when many carry the evidence together, equals in feature order', () => {
  const parts = Array.from({ length: 40 }, (_, i) => partOf(`feature ${i}`, 2.5))
  expect(namesOf(parts)).toEqual(parts.map(({ feature }) => feature))
})

it('names the most responsible first, and passes over what hardly counts beside it', () => {
  expect(namesOf([partOf('some', 10), partOf('none', 1), partOf('most', 90)])).toEqual(['most', 'some'])
})

it('names what would have raised the alarm alone, however large the evidence of another', () => {
  expect(namesOf([partOf('alone', 101), partOf('not', 99), partOf('most', 1e9)])).toEqual(['most', 'alone'])
})
