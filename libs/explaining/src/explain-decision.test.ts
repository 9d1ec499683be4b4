import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DecisionExplanation, FeatureValue, ScoredDecision } from '@raison/events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainDecisions, type DecisionAt, type ExplainDeps, type Result } from './explain-decision.ts'
import { openBundle, type OpenedBundle } from './open-bundle.ts'

const demo = fileURLToPath(new URL('../../../examples/loan-demo', import.meta.url))

let xgboost: OpenedBundle
let logistic: OpenedBundle
let net: OpenedBundle
let constant: OpenedBundle
let decisions: DecisionAt[]

beforeAll(async () => {
  ;[xgboost, logistic, net, constant] = await Promise.all([
    openBundle(`${demo}/bundles/loan-xgboost`),
    openBundle(`${demo}/bundles/loan-logistic`),
    openBundle(`${demo}/bundles/loan-neural-net`),
    openConstant(),
  ])
  const lines = (await readFile(`${demo}/decisions.jsonl`, 'utf8')).trimEnd().split('\n')
  decisions = lines.map((line, k) => at(xgboost, JSON.parse(line) as Partial<ScoredDecision>, k))
})

afterAll(() => Promise.all([xgboost, logistic, net, constant].map((opened) => opened.close())))

describe('explainDecisions', () => {
  test('gives a decision the same explanation in any company, bit for bit', async () => {
    const scored = decisions.map((decision, k) => (k % 2 === 0 ? decision : withChange(decision, { score: 0.3 })))
    const together = await explainAll(scored)
    const reversed = await explainAll(scored.toReversed())
    const alone = await Promise.all(scored.map((decision) => explainAll([decision])))
    expect(alone.flat()).toEqual(together)
    expect(reversed.toReversed()).toEqual(together)
  })

  test('explains each decision of a batch by its own model, in order', async () => {
    const mixed = decisions.map((decision, k) =>
      k % 2 === 0 ? decision : withChange(decision, { model: logistic.bundle.model }),
    )
    const results = await explainAll(mixed)
    expect(results.map(({ eventId }) => eventId)).toEqual(mixed.map(({ decision }) => decision.eventId))
    results.forEach(({ method, model }, k) =>
      expect([method, model.name]).toEqual(
        k % 2 === 0 ? ['exact-trees', 'loan-xgboost'] : ['exact-linear', 'loan-logistic'],
      ),
    )
    expect(results[0]).toEqual((await explainAll([mixed[0]!]))[0])
    expect(results[1]).toEqual((await explainAll([mixed[1]!]))[0])
  })

  test('names a failing decision only, with its code, and explains the others', async () => {
    const [first, ...others] = decisions as [DecisionAt, ...DecisionAt[]]
    const { features } = first.decision
    const changes: readonly [string, Partial<ScoredDecision>][] = [
      ['FEATURE_MISSING', { features: { age: 40 } }],
      ['FEATURE_WRONG_TYPE', { features: { ...features, age: 'forty' } }],
      ['FEATURE_OUT_OF_RANGE', { features: { ...features, age: 1e39 } }],
      ['MODEL_UNKNOWN', { model: { name: 'loan-xgboost', version: '2' } }],
    ]
    const failing = changes.map(([, change]) => withChange(first, change))
    const results = await explainDecisions([...failing, ...others], deps())
    expect(results.slice(0, changes.length).map(codeOf)).toEqual(changes.map(([code]) => code))
    expect(results.slice(changes.length).map(valueOf)).toEqual(await explainAll(others))
  })

  test('of nothing gives nothing', async () => {
    expect(await explainDecisions([], deps())).toEqual([])
  })
})

describe('an explanation', () => {
  test.each(['xgboost', 'logistic'] as const)('adds up to the model’s output: %s', async (name) => {
    const { bundle } = name === 'xgboost' ? xgboost : logistic
    for (const explanation of await explainAll(decisions.map((one) => withChange(one, { model: bundle.model })))) {
      const sum = explanation.contributions.reduce((total, { contribution }) => total + contribution, 0)
      expect(Math.abs(explanation.baseValue + sum - explanation.modelOutput)).toBeLessThan(1e-9)
      expect(1 / (1 + Math.exp(-explanation.modelOutput))).toBeCloseTo(explanation.score, 5)
    }
  })

  test('has the score of the model and the outcome of the cutoff where the decision carries none', async () => {
    const explanations = await explainAll(decisions)
    const scores = await xgboost.model.score(rowsOf(decisions), decisions.length)
    expect(explanations.map(({ score }) => score)).toEqual([...scores])
    expect(explanations.map(({ outcome }) => outcome)).toEqual(
      [...scores].map((score) => (score >= 0.2 ? 'DECLINED' : 'APPROVED')),
    )
    expect(new Set(explanations.map(({ outcome }) => outcome)).size).toBe(2)
  })

  test('of an outcome that the scoring service gave repeats it', async () => {
    const [explanation] = await explainAll([withChange(decisions[0]!, { outcome: 'REFERRED' })])
    expect(explanation!.outcome).toBe('REFERRED')
  })

  test('calls a person when the published score is not this model’s, and not for its rounding', async () => {
    const [{ score }] = (await explainAll([decisions[0]!])) as [DecisionExplanation]
    const [rounded, far] = (await explainAll([
      withChange(decisions[0]!, { score: Number(score.toFixed(3)) }),
      withChange(decisions[0]!, { score: score - 0.1 }),
    ])) as [DecisionExplanation, DecisionExplanation]
    expect([rounded.status, rounded.reviewReasons]).toEqual(['OK', []])
    expect([far.status, far.reviewReasons]).toEqual(['REVIEW_REQUIRED', ['SCORE_PARITY']])
    expect(far.score).toBe(score - 0.1)
    expect(far.quality.scoreParityGap).toBeCloseTo(0.1, 5)
  })

  test('calls a person when a protected feature is among its reasons, and keeps that reason', async () => {
    const { model, features } = { ...logistic.bundle, features: meanApplicant(logistic) }
    const [young, old] = await explainAll(
      [18, 90].map((age) => withChange(decisions[0]!, { model, features: { ...features, age } })),
    )
    expect(young).toMatchObject({ status: 'REVIEW_REQUIRED', reviewReasons: ['PROTECTED_FEATURE age'] })
    expect(young!.reasons).toContainEqual(expect.objectContaining({ code: 'R22', features: ['age'] }))
    expect(old).toMatchObject({ status: 'OK', reviewReasons: [] })
  })

  test('of a constant model attributes nothing, and says so', async () => {
    const [explanation] = await explainAll([withChange(decisions[0]!, { model: constant.bundle.model })])
    expect(explanation).toMatchObject({ status: 'NOT_APPLICABLE', reasons: [], reviewReasons: [] })
    expect(explanation!.contributions.map(({ contribution }) => contribution)).toEqual(
      constant.bundle.players.map(() => 0),
    )
    expect(explanation!.modelOutput).toBe(explanation!.baseValue)
  })

  test('has another identity at another position, and its date from the record', async () => {
    const [one] = decisions as [DecisionAt]
    const [here, there] = await explainAll([one, { ...one, position: 'decisions.scored/0/77', timestamp: 'later' }])
    const { explanationId, explainedAt, ...rest } = there!
    expect(explanationId).not.toBe(here!.explanationId)
    expect(explainedAt).toBe('later')
    expect(here).toMatchObject(rest)
  })

  test('gives a group of columns as one player, its value one entry a column', async () => {
    const [{ contributions }] = (await explainAll([decisions[0]!])) as [DecisionExplanation]
    expect(contributions.map(({ feature }) => feature)).toEqual(xgboost.bundle.players.map(({ name }) => name))
    expect(contributions.find(({ feature }) => feature === 'purpose')!.value).toMatchObject({ purpose_car: 1 })
  })
})

function at({ bundle }: OpenedBundle, given: Partial<ScoredDecision>, offset: number): DecisionAt {
  const { name, version } = bundle.model
  const decision = { model: { name, version }, score: undefined, outcome: undefined, ...given } as ScoredDecision
  return { decision, position: `decisions.scored/0/${offset}`, timestamp: decision.decidedAt }
}

function withChange({ decision, ...rest }: DecisionAt, change: Partial<ScoredDecision>): DecisionAt {
  return { ...rest, decision: { ...decision, ...change } }
}

function deps(): ExplainDeps {
  const all = [xgboost, logistic, net, constant]
  return {
    findModel: ({ name, version }) =>
      all.find(({ bundle: { model } }) => model.name === name && model.version === version),
  }
}

async function explainAll(batch: readonly DecisionAt[]): Promise<DecisionExplanation[]> {
  return (await explainDecisions(batch, deps())).map(valueOf)
}

function valueOf(result: Result<DecisionExplanation>): DecisionExplanation {
  if (result.ok) return result.value
  throw result.error
}

function codeOf(result: Result<DecisionExplanation>): string {
  return result.ok ? result.value.status : (result.error as { code: string }).code
}

function rowsOf(batch: readonly DecisionAt[]): Float32Array {
  const names = xgboost.bundle.features.map(({ name }) => name)
  const values = batch.flatMap(({ decision }) => names.map((name) => decision.features[name] ?? Number.NaN))
  return Float32Array.from(values as number[])
}

/** Nothing but what the test changes speaks for or against this applicant. */
function meanApplicant({ bundle, reference }: OpenedBundle): Record<string, FeatureValue> {
  return Object.fromEntries(bundle.features.map(({ name }, i) => [name, reference.means[i]!]))
}

/** The logistic model with every coefficient 0: in the file, `coefficients` is followed by tag 0x3d and a float32 for each. */
async function openConstant(): Promise<OpenedBundle> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-constant-'))
  await cp(`${demo}/bundles/loan-logistic`, directory, { recursive: true })
  const model = await readFile(join(directory, 'model.onnx'))
  const first = model.indexOf('coefficients') + 'coefficients'.length
  let end = first
  for (; model[end] === 0x3d; end += 5) model.fill(0, end + 1, end + 5)
  expect(end).toBeGreaterThan(first)
  await writeFile(join(directory, 'model.onnx'), model)
  const settings = await readFile(join(directory, 'bundle.yaml'), 'utf8')
  await writeFile(join(directory, 'bundle.yaml'), settings.replace('name: loan-logistic', 'name: loan-constant'))
  try {
    return await openBundle(directory)
  } finally {
    await rm(directory, { recursive: true })
  }
}
