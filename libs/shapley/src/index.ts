export { prepareExact, type ExactExplainer, type ExactForm, type PrepareExact } from './exact-explainer.ts'
export type { Background, Players } from './players.ts'
export type { PairPlan } from './sampling/pair-plan.ts'
export { ShapleyError, shapleyErrorCodes, type ShapleyErrorCode } from './shapley-error.ts'
