import { pairRowsInto, prepareExact, type Background, type ExactExplainer, type Players } from '@raison/shapley'
import { evaluateTreesInto, type TreeEnsemble } from '@raison/trees'
import type { FittedSurrogate } from './artefact.ts'
import { prepareCosine } from './prepare-cosine.ts'
import type { Surrogate } from './surrogate.ts'
import { SurrogateError } from './surrogate-error.ts'

/** The parts' sum against one background. Throws SurrogateError or ShapleyError where they do not fit together. */
export function prepareSurrogate(
  { cosine, trees }: FittedSurrogate,
  background: Background,
  players: Players,
): Surrogate {
  const parts: Surrogate[] = []
  if (cosine !== undefined) parts.push(prepareCosine(cosine.network, background, players, cosine.nodeCount))
  if (trees !== undefined) parts.push(prepareTrees(trees, background, players))
  if (parts.length === 0)
    throw new SurrogateError('NOTHING_FITTED', 'an artefact without network and trees: fit it anew')
  return parts.reduce(addSurrogates)
}

/** Pairs whose rows are evaluated at once. */
const pairChunk = 256

function prepareTrees(trees: TreeEnsemble, background: Background, players: Players): Surrogate {
  const exact: ExactExplainer = prepareExact({ kind: 'trees', ensemble: trees }, background, players)
  const rows = new Float32Array(2 * pairChunk * trees.featureCount)
  const outputs = new Float64Array(2 * pairChunk)
  return {
    ...exact,
    pairDifferencesInto(row, plan, out) {
      for (let from = 0; from < plan.pairCount; from += pairChunk) {
        const to = Math.min(from + pairChunk, plan.pairCount)
        pairRowsInto(plan, from, to, players, row, background, rows)
        evaluateTreesInto(trees, rows, 2 * (to - from), outputs)
        for (let k = from; k < to; k++) out[k] = outputs[2 * (k - from)]! - outputs[2 * (k - from) + 1]!
      }
    },
  }
}

function addSurrogates(one: Surrogate, other: Surrogate): Surrogate {
  const addTo = (out: Float64Array, length: number, fill: (into: Float64Array) => void): void => {
    const more = new Float64Array(length)
    fill(more)
    for (let i = 0; i < length; i++) out[i]! += more[i]!
  }
  return {
    playerCount: one.playerCount,
    baseValue: one.baseValue + other.baseValue,
    explainInto(rows, rowCount, out) {
      one.explainInto(rows, rowCount, out)
      addTo(out, rowCount * one.playerCount, (into) => other.explainInto(rows, rowCount, into))
    },
    outputsInto(rows, rowCount, out) {
      one.outputsInto(rows, rowCount, out)
      addTo(out, rowCount, (into) => other.outputsInto(rows, rowCount, into))
    },
    pairDifferencesInto(row, plan, out) {
      one.pairDifferencesInto(row, plan, out)
      addTo(out, plan.pairCount, (into) => other.pairDifferencesInto(row, plan, into))
    },
  }
}
