import type { Split } from './find-split.ts'
import type { TreeEnsemble } from './tree-ensemble.ts'

/** The arrays of a `TreeEnsemble` while they grow. */
export interface TreeNodes {
  readonly roots: number[]
  readonly feature: number[]
  readonly threshold: number[]
  readonly left: number[]
  readonly right: number[]
  readonly missingLeft: number[]
  readonly value: number[]
}

export function createNodes(): TreeNodes {
  return { roots: [], feature: [], threshold: [], left: [], right: [], missingLeft: [], value: [] }
}

export function addLeafNode(nodes: TreeNodes): number {
  nodes.feature.push(-1)
  nodes.threshold.push(0)
  nodes.left.push(-1)
  nodes.right.push(-1)
  nodes.missingLeft.push(0)
  return nodes.value.push(0) - 1
}

/** Turns a leaf into a test with two new leaves, which it returns. */
export function splitNode(nodes: TreeNodes, node: number, split: Split, threshold: number): [number, number] {
  const left = addLeafNode(nodes)
  const right = addLeafNode(nodes)
  nodes.feature[node] = split.feature
  nodes.threshold[node] = threshold
  nodes.missingLeft[node] = split.missingLeft ? 1 : 0
  nodes.left[node] = left
  nodes.right[node] = right
  return [left, right]
}

export function finishNodes(nodes: TreeNodes, featureCount: number, baseValue: number): TreeEnsemble {
  return {
    featureCount,
    baseValue,
    roots: Int32Array.from(nodes.roots),
    feature: Int32Array.from(nodes.feature),
    threshold: Float32Array.from(nodes.threshold),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    missingLeft: Uint8Array.from(nodes.missingLeft),
    value: Float64Array.from(nodes.value),
  }
}
