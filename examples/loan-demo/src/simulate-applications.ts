import { createRandom } from '@raison/numerics'
import type { Application } from './application.ts'
import { logistic } from './chance.ts'
import { drawApplicant } from './draw-applicant.ts'
import { getDriftScenario, type DriftScenario, type DriftScenarioName } from './drift-scenarios.ts'
import { trueLogOdds } from './true-effects.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Endless unless given. */
  readonly count?: number
  readonly scenario?: DriftScenarioName
  /** Index of the first application that drifts; 0 unless given. */
  readonly driftStart?: number
}

const driftSeed = 0x5eed

/**
 * A stream of loan applications. The same seed gives the same stream, and a scenario changes the same applicants:
 * before `driftStart` the stream is the one without a scenario.
 */
export function* simulateApplications(options: SimulationOptions): Generator<Application> {
  const { seed, count = Infinity, driftStart = 0 } = options
  const scenario = options.scenario === undefined ? undefined : getDriftScenario(options.scenario)
  const random = createRandom(seed)
  const driftRandom = createRandom(seed ^ driftSeed)
  for (let index = 0; index < count; index++) {
    const applicant = drawApplicant(random)
    const luck = random.uniform()
    const active: Partial<DriftScenario> = index < driftStart ? {} : (scenario ?? {})
    const moment = { since: index - driftStart, random: driftRandom, channel: applicant.channel }
    const features = active.applicants?.({ ...applicant, ...moment }) ?? applicant.features
    const risk = logistic(trueLogOdds(features) + (active.outcome?.({ ...moment, features }) ?? 0))
    const defaulted = luck < risk ? 1 : 0
    yield { channel: applicant.channel, features: active.feed?.({ ...moment, features }) ?? features, defaulted }
  }
}
