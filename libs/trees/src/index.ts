export { evaluateTreesInto } from './evaluate-trees.ts'
export type { TreeEnsemble } from './tree-ensemble.ts'
