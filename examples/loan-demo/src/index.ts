export {
  channels,
  featureNames,
  type Applicant,
  type Application,
  type Channel,
  type FeatureName,
  type Features,
} from './application.ts'
export {
  driftScenarioNames,
  driftScenarios,
  getDriftScenario,
  type DriftMoment,
  type DriftScenario,
  type DriftScenarioName,
} from './drift-scenarios.ts'
export { scoreApplications, type LoanDecision, type ScoringModel } from './score-applications.ts'
export { simulateApplications, type SimulationOptions } from './simulate-applications.ts'
export { trueBaseLogOdds, trueEffects, trueLogOdds, type Effect } from './true-effects.ts'
export { trueImportance } from './true-importance.ts'
