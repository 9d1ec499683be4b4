/**
 * A sum of decision trees in flat arrays, the nodes of all trees one after the other.
 *
 * At an inner node a row goes left when `row[feature] <= threshold`, compared as float32 values; every other comparison
 * of a file format is rewritten to this one when it is read (`x < t` is `x <= previous float32 of t`). A missing value
 * (NaN) goes left where `missingLeft` is 1. Children may be shared, so the nodes of a tree form a directed acyclic graph.
 */
export interface TreeEnsemble {
  readonly featureCount: number
  /** Added to the sum of the leaves. */
  readonly baseValue: number
  /** Node index of each tree's root. */
  readonly roots: Int32Array
  /** Feature tested at each node; −1 at a leaf. */
  readonly feature: Int32Array
  /** Every value is a float32 value. */
  readonly threshold: Float32Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly missingLeft: Uint8Array
  /** What a leaf adds to the output; 0 at inner nodes. */
  readonly value: Float64Array
}
