import { rm } from 'node:fs/promises'
import type { DecisionExplanation, ScoredDecision } from '@raison/events'
import { mostAdverse } from '@raison/surrogate'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { explainDecisions, type DecisionAt } from './explain-decision.ts'
import { estimate, type Estimate } from './estimate.ts'
import { fitBundle, type FitReport } from './fit-bundle.ts'
import { openBundle, type OpenedBundle } from './open-bundle.ts'
import {
  encodeModel,
  rootOfProduct,
  spread,
  tanhNet,
  writeBundle,
  constant,
  type SmallBundle,
} from './small-nets.test-data.ts'

const featureCount = 11
const groupSize = 3
/** Three columns are one player. */
const group = { name: 'group', features: ['f4', 'f5', 'f6'] }
const playerCount = featureCount - groupSize + 1
const decisionCount = 64

let directory: string
let report: FitReport
let fitted: OpenedBundle
let decisions: DecisionAt[]

beforeAll(async () => {
  directory = await writeBundle({
    model: tanhNet(featureCount, 6, 0.4),
    reference: spread(featureCount * 60, 2),
    featureCount,
    players: [group],
  })
  report = await fitBundle(directory, { maxMinutes: 0.03, milliseconds: 1000 })
  fitted = await openBundle(directory)
  decisions = rowsOf(decisionCount, featureCount).map((row, k) => decisionOf(row, k))
})

afterAll(async () => {
  await fitted.close()
  await rm(directory, { recursive: true })
})

describe('a fitted bundle', () => {
  test('gives a decision the same bytes alone, in a batch of 64, in reverse order and with two workers', async () => {
    const together = await explain(fitted, decisions)
    const reversed = await explain(fitted, decisions.toReversed())
    const some = [0, 17, 63]
    const alone = await Promise.all(some.map((k) => explain(fitted, [decisions[k]!])))
    const two = await openBundle(directory, { workers: 2 })
    onTestFinished(() => two.close())
    expect(reversed.toReversed()).toEqual(together)
    expect(alone.flat()).toEqual(some.map((k) => together[k]))
    expect(await explain(two, decisions)).toEqual(together)
  })

  test('gives contributions that add up, each with an interval, and says by what', async () => {
    for (const explanation of await explain(fitted, decisions)) {
      const { contributions, quality, budget } = explanation
      expect(gapOf(explanation)).toBeLessThan(1e-6)
      expect(contributions.map(({ feature }) => feature)).toHaveLength(playerCount)
      for (const { contribution, interval } of contributions) {
        expect(interval!.low).toBeLessThan(contribution)
        expect(interval!.high).toBeGreaterThan(contribution)
      }
      expect(quality).toMatchObject({ degraded: false, surrogateFidelity: report.fidelity })
      expect(explanation).toMatchObject({
        artefactSha256: report.sha256,
        method: expect.stringMatching(/^kernel-shap on /) as string,
      })
      expect(budget.rows).toBe(report.candidates[0]!.budgetRows)
    }
  })

  test('comes close to the true values, and its intervals hold them', async () => {
    const some = decisions.slice(0, 12)
    const truths = await Promise.all(some.map((decision) => trueValues(fitted, decision)))
    const explanations = await explain(fitted, some)
    const errors = explanations.map(({ contributions }, k) => {
      const truth = truths[k]!
      const error = contributions.reduce((sum, { contribution }, i) => sum + (contribution - truth[i]!) ** 2, 0)
      return error / truth.reduce((sum, value) => sum + value ** 2, 0)
    })
    const covered = explanations.flatMap(({ contributions }, k) =>
      contributions.map(({ interval }, i) => interval!.low <= truths[k]![i]! && truths[k]![i]! <= interval!.high),
    )
    expect(median(errors)).toBeLessThan(1e-2)
    expect(covered.filter(Boolean).length / covered.length).toBeGreaterThan(0.8)
  })

  test('gives a group as one player, its value one entry a column', async () => {
    const [{ contributions }] = (await explain(fitted, [decisions[0]!])) as [DecisionExplanation]
    const { features } = decisions[0]!.decision
    expect(contributions.find(({ feature }) => feature === 'group')!.value).toEqual({
      f4: features['f4'],
      f5: features['f5'],
      f6: features['f6'],
    })
  })

  test('calls a person where the budget ends before the reasons are settled, and only there', async () => {
    for (const { quality, reviewReasons, status } of await explain(fitted, decisions)) {
      expect(reviewReasons).toEqual(quality.topSettled ? [] : ['REASONS_NOT_SETTLED'])
      expect(status).toBe(quality.topSettled ? 'OK' : 'REVIEW_REQUIRED')
    }
  })

  test('gives the players that may become reasons an interval by a factor of their own', async () => {
    const sampled = fitted.sampled!
    const { noise, budgets } = sampled.calibration
    const halfWidths = async (reasonFactor: number): Promise<number[][]> => {
      const calibration = { noise, budgets: [{ ...budgets[0]!, factor: 1, reasonFactor }] }
      const rows = Float32Array.from(rowsOf(1, featureCount)[0]!)
      const [{ values, halfWidth }] = (await estimate({ ...sampled, calibration }, rows, 1, [7])) as [Estimate]
      const reasons = mostAdverse(values, sampled.adverseSign)
      const others = [...values.keys()].filter((i) => !reasons.includes(i))
      return [reasons, others].map((players) => players.map((i) => halfWidth([i])))
    }
    const [[reasons, others], [wider, same]] = await Promise.all([halfWidths(1), halfWidths(2)])
    expect(reasons!.length).toBeGreaterThan(0)
    expect(wider).toEqual(reasons!.map((half) => 2 * half))
    expect(same).toEqual(others)
  })

  test('is never fitted again', async () => {
    await expect(fitBundle(directory)).rejects.toMatchObject({ code: 'FIT_NOT_NEEDED' })
    await expect(fitBundle(directory)).rejects.toThrow(report.file)
  })
})

describe('a fit', () => {
  test('compares both kinds, the best within the milliseconds first', () => {
    expect(report.candidates.map(({ kind }) => kind).toSorted()).toEqual(['cosine', 'cosine+trees', 'trees'])
    const errors = report.candidates.map(({ error }) => error)
    expect(errors).toEqual(errors.toSorted((a, b) => a - b))
    expect(report.fidelity).toBeGreaterThan(0.9)
  })

  test('keeps the smallest budget where nothing is fast enough; a feature that never varies and training rows with gaps are no trouble', async () => {
    const reference = spread(featureCount * 40, 2).map((value, i) => (i % featureCount === 3 ? 1 : value))
    // Of the training rows one is whole: the model takes no missing value.
    const training = [1, 2, 3].map((k) =>
      spread(featureCount, k)
        .map((value, i) => (i < k - 1 ? '' : value))
        .join(','),
    )
    const opened = await openSmall(
      { model: tanhNet(featureCount, 4), reference, featureCount, training },
      async (path) => {
        const { candidates } = await fitBundle(path, { maxMinutes: 0.03, milliseconds: 1e-6 })
        expect(candidates[0]!.budgetRows).toBe(256)
      },
    )
    const [same, other] = await explain(opened, [
      decisionOf(rowsOf(1, featureCount)[0]!.with(3, 1), 0),
      decisionOf(rowsOf(1, featureCount)[0]!.with(3, 5), 1),
    ])
    expect([same, other].map((explanation) => gapOf(explanation!) < 1e-6)).toEqual([true, true])
    const { contribution, interval } = same!.contributions[3]!
    expect(interval!.low).toBeLessThanOrEqual(0)
    expect(interval!.high).toBeGreaterThanOrEqual(0)
    expect(Math.abs(contribution)).toBeLessThan(0.1)
  })
})

describe('a bundle that is not fitted', () => {
  test('is explained by sampling alone, and every explanation says that it is degraded', async () => {
    const reference = spread(featureCount * 60, 2)
    const opened = await openSmall({ model: tanhNet(featureCount, 6), reference, featureCount })
    expect(opened.warnings).toEqual([expect.stringContaining('run raison fit') as string])
    for (const explanation of await explain(opened, decisions.slice(0, 8))) {
      expect(explanation.quality).toMatchObject({ degraded: true, surrogateFidelity: undefined })
      expect(explanation).toMatchObject({ method: 'kernel-shap', artefactSha256: undefined })
      expect(gapOf(explanation)).toBeLessThan(1e-6)
    }
  })

  test.for([1, 2, 5])(
    'with %i players is asked for every coalition: exact, without interval, nothing to fit',
    async (n) => {
      const opened = await openSmall({ model: tanhNet(n, 4), reference: spread(n * 20, 2), featureCount: n }, (path) =>
        expect(fitBundle(path)).rejects.toMatchObject({ code: 'FIT_NOT_NEEDED' }),
      )
      expect(opened.warnings).toEqual([])
      const some = rowsOf(4, n).map(decisionOf)
      const truths = await Promise.all(some.map((decision) => trueValues(opened, decision)))
      const explanations = await explain(opened, some)
      explanations.forEach(({ contributions, method, quality }, k) => {
        expect([method, quality.degraded, quality.topSettled]).toEqual(['exact-enumeration', false, true])
        contributions.forEach(({ contribution, interval }, i) => {
          expect(contribution).toBeCloseTo(truths[k]![i]!, 6)
          expect(interval).toBeUndefined()
        })
      })
    },
  )

  test('with one reference row says that nothing contributes where a decision is that row, and explains others', async () => {
    const reference = spread(featureCount, 2)
    const opened = await openSmall({ model: tanhNet(featureCount, 6), reference, featureCount })
    const [same, other] = await explain(opened, [decisionOf(reference, 0), decisions[1]!])
    expect(same).toMatchObject({ status: 'NOT_APPLICABLE', reasons: [] })
    expect(same!.contributions.every(({ contribution }) => contribution === 0)).toBe(true)
    expect(other!.status).toMatch(/^OK|REVIEW_REQUIRED$/)
    expect(gapOf(other!)).toBeLessThan(1e-6)
  })

  test('with a constant model has nothing to attribute, and nothing to fit', async () => {
    const reference = spread(featureCount * 30, 2)
    const model = encodeModel(featureCount, [
      {
        op: 'MatMul',
        inputs: ['input', 'w'],
        output: 'nothing',
        constants: [constant('w', [featureCount, 1], new Array<number>(featureCount).fill(0))],
      },
      { op: 'Tanh', inputs: ['nothing'], output: 'still' },
      { op: 'Add', inputs: ['still', 'b'], output: 'logits', constants: [constant('b', [1], [0.1])] },
      { op: 'Sigmoid', inputs: ['logits'], output: 'p' },
    ])
    const opened = await openSmall({ model, reference, featureCount }, (path) =>
      expect(fitBundle(path, { maxMinutes: 0.01 })).rejects.toMatchObject({ code: 'FIT_NOT_NEEDED' }),
    )
    const [explanation] = await explain(opened, [decisions[0]!])
    expect(explanation).toMatchObject({ status: 'NOT_APPLICABLE', reasons: [], reviewReasons: [] })
    expect(explanation!.contributions.map(({ contribution }) => contribution)).toEqual(new Array(featureCount).fill(0))
  })
})

describe('a model that answers NaN', () => {
  const positive = (count: number): number[] => spread(count, 1).map((value) => Math.abs(value) + 0.5)

  test.for([
    ['for the decision', 3, [-1, 1, 1]],
    ['between decision and reference, all coalitions asked', 3, [-1, -1, 1]],
    ['between decision and reference, some asked', 14, [-1, -1, ...positive(12)]],
  ] as const)('%s is an error of that decision, never a NaN', async ([, n, row]) => {
    const opened = await openSmall({ model: rootOfProduct(n), reference: positive(n * 20), featureCount: n })
    const [bad, good] = await explainDecisions([row, positive(n)].map(decisionOf), { findModel: () => opened })
    expect(bad).toMatchObject({ ok: false, error: { code: 'MODEL_OUTPUT_NOT_FINITE' } })
    expect(good).toMatchObject({ ok: true })
    expect(JSON.stringify(good)).not.toMatch(/NaN|null,"interval/)
  })

  test('for a reference row is refused when the bundle is opened', async () => {
    const bundle = { model: rootOfProduct(3), reference: [1, 1, 1, 1, -1, 1], featureCount: 3 }
    await expect(openSmall(bundle)).rejects.toMatchObject({ code: 'MODEL_OUTPUT_NOT_FINITE' })
  })

  test('for a row that only a fit makes is an error of the fit', async () => {
    const reference = [...new Array<number>(14).fill(1), ...[-1, -1, ...new Array<number>(12).fill(1)]]
    await openSmall({ model: rootOfProduct(14), reference, featureCount: 14 }, (path) =>
      expect(fitBundle(path, { maxMinutes: 0.01 })).rejects.toMatchObject({ code: 'MODEL_OUTPUT_NOT_FINITE' }),
    )
  })
})

test('a model without any route is an error of its decisions, and of its fit, that says why', async () => {
  const model = encodeModel(2, [
    { op: 'ReduceProd', inputs: ['input'], output: 'product', axes: [1] },
    { op: 'HardSigmoid', inputs: ['product'], output: 'p' },
  ])
  const opened = await openSmall({ model, reference: spread(20, 1), featureCount: 2 }, (path) =>
    expect(fitBundle(path)).rejects.toMatchObject({ code: 'MODEL_NOT_EXPLAINABLE' }),
  )
  const [result] = await explainDecisions([decisionOf([1, 1], 0)], { findModel: () => opened })
  expect(result).toMatchObject({ ok: false, error: { code: 'MODEL_NOT_EXPLAINABLE' } })
  expect((result as { error: Error }).error.message).toContain('explain: probability')
})

/** Closed, and its directory removed, after the test; `before` is what is done with the directory first. */
async function openSmall(
  bundle: SmallBundle,
  before: (directory: string) => Promise<unknown> = () => Promise.resolve(),
): Promise<OpenedBundle> {
  const path = await writeBundle(bundle)
  onTestFinished(() => rm(path, { recursive: true }))
  await before(path)
  const opened = await openBundle(path)
  onTestFinished(() => opened.close())
  return opened
}

const rowsOf = (count: number, n: number): number[][] =>
  Array.from({ length: count }, (_, k) => spread(count * n + 7, 2).slice(k * n + 7, (k + 1) * n + 7))

function decisionOf(row: readonly number[], k: number): DecisionAt {
  const decision: ScoredDecision = {
    eventId: `event-${k}`,
    decisionId: `decision-${k}`,
    decidedAt: '2026-11-22T10:00:00.000Z',
    model: { name: 'small', version: '1' },
    features: Object.fromEntries(row.map((value, i) => [`f${i}`, value])),
    score: undefined,
    outcome: undefined,
  }
  return { decision, position: `decisions.scored/0/${k}`, timestamp: decision.decidedAt }
}

async function explain(opened: OpenedBundle, batch: readonly DecisionAt[]): Promise<DecisionExplanation[]> {
  const results = await explainDecisions(batch, { findModel: () => opened })
  return results.map((result) => {
    if (result.ok) return result.value
    throw result.error
  })
}

/** By all coalitions over all reference rows. */
async function trueValues({ model, sampled }: OpenedBundle, { decision }: DecisionAt): Promise<Float64Array> {
  const { players, background } = sampled!
  const n = players.ofFeature.length
  const row = Float32Array.from({ length: n }, (_, i) => decision.features[`f${i}`] as number)
  const coalitions = 2 ** players.count
  const rows = new Float32Array(coalitions * background.rowCount * n)
  for (let at = 0; at < rows.length; at++) {
    const [hybrid, i] = [Math.floor(at / n), at % n]
    const isIn = (Math.floor(hybrid / background.rowCount) >> players.ofFeature[i]!) & 1
    rows[at] = isIn ? row[i]! : background.rows[(hybrid % background.rowCount) * n + i]!
  }
  const outputs = await model.sampled!.outputs(rows, coalitions * background.rowCount)
  const value = (coalition: number): number => {
    const of = outputs.subarray(coalition * background.rowCount, (coalition + 1) * background.rowCount)
    return of.reduce((sum, output) => sum + output, 0) / of.length
  }
  return shapleyValues(
    players.count,
    Float64Array.from({ length: coalitions }, (_, coalition) => value(coalition)),
  )
}

/** The definition: each player's mean marginal contribution over the orders; player i is in coalitions with bit i. */
function shapleyValues(n: number, worth: Float64Array): Float64Array {
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1))
  const values = new Float64Array(n)
  worth.forEach((value, coalition) => {
    const size = [...coalition.toString(2)].filter((bit) => bit === '1').length
    for (let i = 0; i < n; i++)
      if (((coalition >> i) & 1) === 0)
        values[i]! +=
          ((factorial(size) * factorial(n - size - 1)) / factorial(n)) * (worth[coalition | (1 << i)]! - value)
  })
  return values
}

const gapOf = ({ contributions, baseValue, modelOutput }: DecisionExplanation): number =>
  Math.abs(contributions.reduce((sum, { contribution }) => sum + contribution, baseValue) - modelOutput)

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
