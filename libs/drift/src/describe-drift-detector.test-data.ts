import { createRandom } from '@raison/numerics'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Alarm, DriftDetector } from './drift-detector.ts'
import { randomBaseline, randomRows, windowOf } from './explanations.test-data.ts'
import type { Baseline } from './baseline/baseline.ts'
import { merge, openWindow, type Window } from './window/window.ts'

const settings = { seed: 20261123, numRuns: 15 }
const rowsPerWindow = 60
const baseline = randomBaseline(1)
const empty = openWindow(baseline.scale)
const changeAt = 60
const changing = Array.from({ length: changeAt + 100 }, (_, w) =>
  windowOf(baseline.scale, drifting(w, w >= changeAt ? 6 : 1)),
)

/** What every detector owes its callers. */
export function describeDriftDetector<State>(create: (baseline: Baseline) => DriftDetector<State>): void {
  const detector = create(baseline)

  describe(`the detector ${detector.name}`, () => {
    it('says the same bit for bit however the explanations are ordered and shared among partitions', () => {
      const request = fc.record({ seed: fc.nat(), partitions: fc.integer({ min: 1, max: 5 }), driftFrom: fc.nat(8) })
      fc.assert(
        fc.property(request, ({ seed, partitions, driftFrom }) => {
          const random = createRandom(seed)
          const rows = Array.from({ length: 8 }, (_, w) => drifting(seed + w, w >= driftFrom ? 6 : 1))
          const whole = rows.map((contributions) => windowOf(baseline.scale, contributions))
          const parted = rows.map((contributions) => {
            const parts: number[][] = Array.from({ length: partitions }, () => [])
            for (let row = 0; row < rowsPerWindow; row++) {
              const part = parts[random.below(partitions)]!
              part.splice(random.below(part.length + 1), 0, row)
            }
            const [first, ...rest] = parts.map((part) => windowOf(baseline.scale, contributions, part)).reverse()
            return merge(first!, ...rest)
          })
          expect(run(detector, parted)).toEqual(run(detector, whole))
        }),
        settings,
      )
    })

    it('goes on from a state that was written as JSON as if nothing had happened', () => {
      const interrupted = run(detector, changing, (state) => JSON.parse(JSON.stringify(state)) as State)
      expect(interrupted).toEqual(run(detector, changing))
      expect(interrupted.alarms).not.toHaveLength(0)
    })

    it('finds one feature that contributes six times as much, and names it first, its direction and the window', () => {
      const found = run(detector, changing).alarms.filter(({ window }) => window >= changeAt)
      expect(found[0]!.features[0]).toMatchObject({ feature: '限度額', direction: 'up' })
      expect(found[0]!.since).toBeGreaterThanOrEqual(changeAt - 5)
      expect(found[0]!.since).toBeLessThanOrEqual(found[0]!.window)
    })

    it('takes nothing from windows in which nothing was counted, and never alarms on them', () => {
      const windows = Array.from({ length: 300 }, () => empty)
      expect(run(detector, windows).alarms).toEqual([])
    })

    it('leaves the state it was given as it was', () => {
      const state = deepFreeze(detector.step(detector.start(), [windowOf(baseline.scale, drifting(1, 1))]).state)
      const again = () => detector.step(state, [windowOf(baseline.scale, drifting(2, 6))])
      expect(again()).toEqual(again())
    })
  })
}

function drifting(seed: number, factor: number): Float64Array {
  return randomRows(createRandom(seed), rowsPerWindow, { 限度額: factor })
}

function run<State>(
  detector: DriftDetector<State>,
  windows: readonly Window[],
  between: (state: State) => State = (state) => state,
): { alarms: Alarm[]; state: string } {
  let state = detector.start()
  const alarms: Alarm[] = []
  for (const window of windows) {
    const step = detector.step(between(state), [window])
    state = step.state
    if (step.alarm !== undefined) alarms.push(step.alarm)
  }
  return { alarms, state: JSON.stringify(state) }
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze)
  return value
}
