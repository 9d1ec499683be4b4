export type { ExactExplainer, ExactForm } from './exact-explainer.ts'
export type { Background, Players } from './players.ts'
