import type { Random } from '@raison/numerics'
import type { TreeEnsemble } from '@raison/trees'
import type { Players } from './players.ts'

export interface EnsembleShape {
  readonly treeCount: number
  readonly featureCount: number
  readonly depth: number
  /** Chance that a node above the full depth is a leaf. */
  readonly pruning?: number
  /** Leaves of a tree at most. */
  readonly leafCount?: number
}

/** Uniform thresholds in (0, 1), leaves in (−½, ½), missing values sent either way. */
export function randomEnsemble(random: Random, shape: EnsembleShape): TreeEnsemble {
  const nodes = emptyNodes()
  const roots = Array.from({ length: shape.treeCount }, () => addTree(random, shape, nodes))
  return assemble(shape.featureCount, random.normal(), roots, nodes)
}

/** Row-major, uniform in (0, 1); each value is NaN with the chance `missing`. */
export function randomRows(random: Random, rowCount: number, featureCount: number, missing = 0): Float32Array {
  return Float32Array.from({ length: rowCount * featureCount }, () =>
    random.uniform() < missing ? NaN : random.uniform(),
  )
}

/** The tree `feature <= threshold ? left : right`, repeated for nested specifications; a number is a leaf. */
export type TreeSpec =
  number | { readonly feature: number; readonly threshold: number; readonly left: TreeSpec; readonly right: TreeSpec }

export function ensembleOf(featureCount: number, ...trees: readonly TreeSpec[]): TreeEnsemble {
  const nodes = emptyNodes()
  const add = (spec: TreeSpec): number => {
    if (typeof spec === 'number') return addNode(nodes, { value: spec })
    const left = add(spec.left)
    const right = add(spec.right)
    return addNode(nodes, { ...spec, left, right })
  }
  return assemble(featureCount, 0, trees.map(add), nodes)
}

/** One player per feature. */
export function singlePlayers(featureCount: number): Players {
  return { count: featureCount, ofFeature: Int32Array.from({ length: featureCount }, (_, f) => f) }
}

type NodeField = 'feature' | 'threshold' | 'left' | 'right' | 'missingLeft' | 'value'
type NodeLists = Record<NodeField, number[]>

function assemble(featureCount: number, baseValue: number, roots: readonly number[], nodes: NodeLists): TreeEnsemble {
  return {
    featureCount,
    baseValue,
    roots: Int32Array.from(roots),
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    value: Float64Array.from(nodes.value),
  }
}

function emptyNodes(): NodeLists {
  return { feature: [], threshold: [], left: [], right: [], missingLeft: [], value: [] }
}

function addNode(nodes: NodeLists, node: Partial<Record<NodeField, number>>): number {
  const full = { feature: -1, threshold: 0, left: -1, right: -1, missingLeft: 0, value: 0, ...node }
  for (const name of Object.keys(nodes) as NodeField[]) nodes[name].push(full[name])
  return nodes.feature.length - 1
}

function addTree(random: Random, shape: EnsembleShape, nodes: NodeLists): number {
  const leaf = (): number => addNode(nodes, { value: random.uniform() - 0.5 })
  const grow = (depth: number, leaves: number): number => {
    const pruned = depth < shape.depth && random.uniform() < (shape.pruning ?? 0)
    if (depth === 0 || leaves < 2 || pruned) return leaf()
    // An uneven share of the leaves makes the deep, thin branches that real forests have.
    const leftLeaves = leaves === Infinity ? Infinity : 1 + random.below(leaves - 1)
    const left = grow(depth - 1, leftLeaves)
    const right = grow(depth - 1, leaves === Infinity ? Infinity : leaves - leftLeaves)
    const feature = random.below(shape.featureCount)
    return addNode(nodes, { feature, threshold: random.uniform(), left, right, missingLeft: random.below(2) })
  }
  return grow(shape.depth, shape.leafCount ?? Infinity)
}
