import { createRandom } from '@raison/numerics'
import { describe, expect, it } from 'vitest'
import { readBaseline, writeBaseline, type BaselineRecord } from '../baseline/baseline-record.ts'
import { fitBaseline, fitValueBaseline } from '../baseline/fit-baseline.ts'
import { featureNames, randomBaseline, randomRows, width, windowOf, withSameValues } from '../explanations.test-data.ts'
import { openWindow, type Window } from '../window/window.ts'
import { createEDetector, type EDetector } from './e-detector.ts'
import { plainDetector } from './plain-detector.test-data.ts'

const baseline = randomBaseline(5)
const { scale } = baseline
const detector = createEDetector([{ name: '', baseline }], { runLength: 2000 })
const windowAt = (seed: number, factors = {}, rows = 50) =>
  windowOf(scale, randomRows(createRandom(seed), rows, factors))

describe('the e-detector', () => {
  it('computes what its formulas say, step by step in plain maths', () => {
    const reference = randomRows(createRandom(5), 3000)
    const plain = plainDetector(featureNames.length - 1, withoutLast(reference))
    const features = featureNames.slice(0, -1)
    const small = fitBaseline({ features, adverse: 'high', rows: withoutLast(reference) })
    const { step, start, evidence } = createEDetector([{ name: '', baseline: small }], { runLength: 1e9 })
    let state = start()
    for (let w = 0; w < 12; w++) {
      const rows = withoutLast(randomRows(createRandom(w), 50, w < 6 ? {} : { PAY_0: 1.2 }))
      const next = step(state, [windowOf(small.scale, rows)])
      expect(next.logEvidence).toBeCloseTo(Math.log(plain(rows)), 9)
      state = next.state
    }
    expect(state.windows).toBe(12)
    expect(evidence(state).logEvidence).toBeGreaterThan(evidence(start()).logEvidence)
  })

  it('begins again from nothing after an alarm', () => {
    const calm = detector.step(detector.start(), [windowAt(1)])
    const alarmed = detector.step(detector.start(), [windowAt(2, { PAY_0: 50 })])
    expect(alarmed.alarm).toBeDefined()
    expect(detector.step(alarmed.state, [windowAt(1)]).logEvidence).toBe(calm.logEvidence)
  })

  it('raises no alarm in 500 windows like the reference', () => {
    let state = detector.start()
    for (let w = 0; w < 500; w++) {
      const step = detector.step(state, [windowAt(1000 + w)])
      expect(step.alarm).toBeUndefined()
      state = step.state
    }
  })

  it('dates the change at the window in which it began, also when the alarm comes later', () => {
    let state = detector.start()
    for (let w = 0; w < 200; w++) {
      const { alarm, state: next } = detector.step(state, [windowAt(w, w < 40 ? {} : { SEX: 1.5 }, 100)])
      state = next
      if (alarm === undefined) continue
      expect(alarm.features[0]).toMatchObject({ feature: 'SEX', direction: 'up' })
      expect(alarm.window).toBeGreaterThan(41)
      expect(Math.abs(alarm.since - 40)).toBeLessThanOrEqual(3)
      return
    }
    expect.unreachable('no alarm')
  })

  it('sees a feature that never contributed begin to, on whichever side', () => {
    for (const [amount, statistic] of [
      [0.2, 'top-four'],
      [-0.2, expect.stringMatching(/share/)],
    ] as const) {
      const leaving = randomRows(createRandom(9), 50)
      for (let row = 0; row < 50; row++) leaving[row * width + 5] = amount
      const { alarm } = detector.step(detector.start(), [windowOf(scale, leaving)])
      expect(alarm?.features[0]).toMatchObject({ feature: 'constant', statistic })
    }
  })

  it('watches a single feature, whose share is always all', () => {
    const contributions = Float64Array.from({ length: 500 }, (_, row) => 1 + (row % 7))
    const rows = withSameValues(contributions, 1)
    const single = fitBaseline({ features: ['only'], adverse: 'high', rows })
    const { start, step } = createEDetector([{ name: '', baseline: single }], { runLength: 100 })
    const same = step(start(), [windowOf(single.scale, rows)])
    expect(same.alarm).toBeUndefined()
    const turned = step(same.state, [
      windowOf(
        single.scale,
        withSameValues(
          contributions.map((value) => -value),
          1,
        ),
      ),
    ])
    expect(turned.alarm?.features).toMatchObject([{ feature: 'only', statistic: 'top-four', direction: 'down' }])
  })

  it('sees a feature stuck at its usual value, and one that has lost it, where the contributions say nothing', () => {
    const usual = (share: number): Float64Array => {
      const random = createRandom(12)
      return randomRows(random, 250).map((value, at) =>
        at % width !== featureNames.length + 1 || random.uniform() >= share ? value : scale.usual[1]!,
      )
    }
    for (const [rows, direction] of [
      [usual(0.5), 'up'],
      [usual(0).map((value, at) => (at % width === featureNames.length + 1 ? NaN : value)), 'down'],
    ] as const) {
      const { alarm } = detector.step(detector.start(), [windowOf(scale, rows)])
      expect(alarm?.features).toMatchObject([{ feature: 'ÂGE', statistic: 'usual-value', direction }])
    }
  })

  it('sees the lowest or the highest values of a feature go, where the contributions say nothing', () => {
    const random = createRandom(13)
    const ages = (count: number, change: (age: number) => number): Float64Array =>
      Float64Array.from({ length: 2 * count }, (_, at) => (at % 2 === 0 ? 1 : change(random.below(20))))
    const single = fitBaseline({ features: ['age'], adverse: 'high', rows: ages(3000, (age) => age) })
    const { start, step } = createEDetector([{ name: '', baseline: single }], { runLength: 2000 })
    for (const [change, statistic] of [
      [(age: number) => Math.max(age, 2), 'lowest-tenth'],
      [(age: number) => Math.min(age, 17), 'highest-tenth'],
    ] as const) {
      const { alarm } = step(start(), [windowOf(single.scale, ages(400, change))])
      expect(alarm?.features).toMatchObject([{ feature: 'age', statistic, direction: 'down' }])
    }
  })

  it('sees a feature fall silent', () => {
    const { alarm } = detector.step(detector.start(), [windowAt(3, { PAY_0: 0 }, 250)])
    expect(alarm?.features[0]).toMatchObject({ feature: 'PAY_0', direction: 'down', since: 0 })
  })

  it('shares the error budget among slices, and says which slice drifts', () => {
    const reference = { features: featureNames, adverse: 'high' as const, slices: 2 }
    const slices = ['', 'channel=web'].map((name, s) => ({
      name,
      baseline: fitBaseline({ ...reference, rows: randomRows(createRandom(60 + s), 3000) }),
    }))
    const sliced = createEDetector(slices, { runLength: 100 })
    const calm = windowOf(slices[0]!.baseline.scale, randomRows(createRandom(1), 50))
    const drifted = windowOf(slices[1]!.baseline.scale, randomRows(createRandom(2), 50, { ÂGE: 20 }))
    const { alarm, parts } = sliced.step(sliced.start(), [calm, drifted])
    expect(alarm?.features[0]).toMatchObject({ slice: 'channel=web', feature: 'ÂGE' })
    expect(parts).toHaveLength(2 * featureNames.length)

    const alone = createEDetector([slices[1]!], { runLength: 100 }).step(
      createEDetector([slices[1]!], { runLength: 100 }).start(),
      [drifted],
    )
    const inSlice = parts.slice(featureNames.length).map((part) => Math.exp(part.logEvidence))
    expect(Math.log(inSlice.reduce((sum, part) => sum + part, 0))).toBeCloseTo(alone.logEvidence - Math.log(2), 9)
  })

  it('shares the error budget with what another detector watches, so that both have the evidence of one that watches all', () => {
    const values = fitValueBaseline({ names: ['degraded'], values: Float64Array.of(0, 0, 0, 1), tolerances: [0.01] })
    const [reasons, quality] = [[{ name: '', baseline }], [{ name: '', baseline: values }]]
    const windows = [windowAt(2, { PAY_0: 1.2 }), windowOf(values.scale, new Float64Array(50).fill(1))]
    const evidenceOf = (detector: EDetector, counted: readonly Window[]) =>
      Math.exp(detector.step(detector.start(), counted).logEvidence)
    const apart = [
      evidenceOf(createEDetector(reasons, { runLength: 1e9, besides: quality }), windows.slice(0, 1)),
      evidenceOf(createEDetector(quality, { runLength: 1e9, besides: reasons }), windows.slice(1)),
    ]
    const together = evidenceOf(createEDetector([...reasons, ...quality], { runLength: 1e9 }), windows)
    expect(apart[0]! + apart[1]!).toBeCloseTo(together, 9)
    expect(apart[0]).toBeLessThan(evidenceOf(createEDetector(reasons, { runLength: 1e9 }), windows.slice(0, 1)))
  })

  it('keeps the evidence of a slice in which nothing was counted', () => {
    const { state } = detector.step(detector.start(), [windowAt(1)])
    const idle = detector.step(state, [openWindow(scale)])
    expect(idle.state.growth).toEqual(state.growth)
    expect(idle.state.windows).toBe(2)
  })

  it('stays finite when a window counts billions', () => {
    const window = windowAt(4, { PAY_0: 50 }, 1)
    window.counts.forEach((count, k) => (window.counts[k] = count * 4_000_000_000))
    window.explanations = 4_000_000_000
    const { alarm, logEvidence } = detector.step(detector.start(), [window])
    expect(Number.isFinite(logEvidence)).toBe(true)
    expect(alarm?.evidence).toBe(Number.MAX_VALUE)
  })

  it('refuses a promise of no windows, nothing to watch, and windows of another baseline', () => {
    const invalid = expect.objectContaining({ code: 'DRIFT_OPTION_INVALID' })
    for (const runLength of [0, NaN, Infinity])
      expect(() => createEDetector([{ name: '', baseline }], { runLength })).toThrow(invalid)
    expect(() => createEDetector([], { runLength: 100 })).toThrow(invalid)
    const mismatch = expect.objectContaining({ code: 'WINDOW_MISMATCH' })
    expect(() => detector.step(detector.start(), [openWindow(randomBaseline(6).scale)])).toThrow(mismatch)
    expect(() => detector.step(detector.start(), [])).toThrow(mismatch)
  })
})

function withoutLast(rows: Float64Array): Float64Array {
  return rows.filter((_, at) => at % featureNames.length !== featureNames.length - 1)
}

describe('the e-detector of plain values', () => {
  const names = ['fidelity', 'degraded']
  const quality = (seed: number, rows: number, degraded: number): Float64Array => {
    const random = createRandom(seed)
    return Float64Array.from({ length: 2 * rows }, (_, at) =>
      at % 2 === 0 ? 1 - random.uniform() / 20 : random.uniform() < degraded ? 1 : 0,
    )
  }
  const reference = { names, values: quality(1, 5000, 0), tolerances: [0.01, 0.01] }
  const fitted = fitValueBaseline(reference)
  const { start, step } = createEDetector([{ name: '', baseline: fitted }], { runLength: 100 })

  it('finds a share of degraded explanations where there were none', () => {
    const calm = step(start(), [windowOf(fitted.scale, quality(2, 250, 0))])
    expect(calm.alarm).toBeUndefined()
    const { alarm } = step(calm.state, [windowOf(fitted.scale, quality(3, 250, 0.2))])
    expect(alarm?.features).toMatchObject([{ feature: 'degraded', statistic: 'value', direction: 'up', since: 1 }])
  })

  it('keeps its baseline through JSON and refuses values that are no numbers', () => {
    const read = readBaseline(JSON.parse(JSON.stringify(writeBaseline(fitted))) as BaselineRecord)
    expect(read).toEqual(fitted)
    expect(() => fitValueBaseline({ ...reference, tolerances: [0.01] })).toThrow(
      expect.objectContaining({ code: 'SHAPE_MISMATCH' }),
    )
    expect(() => fitValueBaseline({ ...reference, values: Float64Array.of(1, 0, NaN, 0) })).toThrow(
      expect.objectContaining({
        code: 'CONTRIBUTION_NOT_FINITE',
        message: expect.stringContaining('"fidelity" is NaN'),
      }),
    )
  })
})
