/** nDCG of the live order of the features, the reference's importance as gain: 1 when the order is the same; 1 without any gain. */
export function ndcg(reference: Float64Array, live: Float64Array): number {
  const best = discountedGain(reference, reference)
  return best > 0 ? discountedGain(reference, live) / best : 1
}

/** Spearman's correlation of the two orders, equals sharing their rank; 1 when one of them has no order. */
export function spearman(reference: Float64Array, live: Float64Array): number {
  const [one, other] = [ranks(reference), ranks(live)]
  const middle = (reference.length - 1) / 2
  const sum = (a: Float64Array, b: Float64Array) =>
    a.reduce((total, rank, i) => total + (rank - middle) * (b[i]! - middle), 0)
  const spread = Math.sqrt(sum(one, one) * sum(other, other))
  return spread > 0 ? sum(one, other) / spread : 1
}

function discountedGain(gains: Float64Array, order: Float64Array): number {
  return descending(order).reduce((sum, feature, place) => sum + gains[feature]! / Math.log2(place + 2), 0)
}

function ranks(values: Float64Array): Float64Array {
  const ranks = new Float64Array(values.length)
  const order = descending(values)
  for (let first = 0, end = 0; first < order.length; first = end) {
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++
    for (let place = first; place < end; place++) ranks[order[place]!] = (first + end - 1) / 2
  }
  return ranks
}

/** The features by falling value, equals in feature order. */
function descending(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b)
}
