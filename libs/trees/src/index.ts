export type { TreeEnsemble } from './tree-ensemble.ts'
