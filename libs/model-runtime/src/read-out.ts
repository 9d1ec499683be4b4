import type { ExactForm } from '@raison/shapley'

/** How a score follows from a margin: as it is, by 1/(1+e^−m), or together with the margins of other classes. */
export type Link = 'identity' | 'logistic' | 'softmax'

/** A linear combination of the sums that a node keeps, one per target or class: `offset + Σ factors[k]·sum[k]`. */
export interface Combination {
  readonly factors: readonly number[]
  readonly offset: number
}

/** The margin behind one column of the output, and the link from margin to score. */
export interface ReadOut extends Combination {
  readonly link: Link
}

/** A number per row: `offset + Σ factor · column` of a tensor; a negative column counts from the last one. */
export interface Sum {
  readonly terms: readonly { readonly column: number; readonly factor: number }[]
  readonly offset: number
}

/** What has no part in the combination is not read: zero times an infinity would be NaN. */
export const toSum = ({ factors, offset }: Combination, sign: 1 | -1): Sum => ({
  terms: factors.flatMap((factor, column) => (factor === 0 ? [] : [{ column, factor: sign * factor }])),
  offset: sign * offset,
})

/** A form whose output is the margin behind the column that is read. */
export interface MarginForm {
  readonly form: ExactForm
  readonly readOut: ReadOut
}

/** The sum of target `index` alone, times `sign`. */
export const single = (count: number, index: number, offset = 0, sign = 1): Combination => ({
  factors: Array.from({ length: count }, (_, k) => (k === index ? sign : 0)),
  offset,
})

/**
 * Reads a column of the output (a negative one counts from the last), given what onnxruntime feeds to the post-transform in each column. Softmax over two
 * columns is the logistic function of their difference. A text says why there is no margin.
 */
export function readColumn(columns: readonly Combination[], postTransform: string, column: number): ReadOut | string {
  const own = columns.at(column)
  if (own === undefined) return `it has no column ${column}`
  switch (postTransform) {
    case 'NONE':
      return { ...own, link: 'identity' }
    case 'LOGISTIC':
      return { ...own, link: 'logistic' }
    case 'SOFTMAX':
      return columns.length === 2
        ? {
            ...difference(
              own,
              columns.find((other) => other !== own)!,
            ),
            link: 'logistic',
          }
        : { ...own, link: 'softmax' }
    default:
      return `its post_transform ${postTransform} has no margin that adds up`
  }
}

const difference = (a: Combination, b: Combination): Combination => ({
  factors: a.factors.map((factor, k) => factor - b.factors[k]!),
  offset: a.offset - b.offset,
})

/** A single target has one column; of the post-transforms onnxruntime honours only PROBIT there. */
export const readSingleTarget = (postTransform: string, offset: number): ReadOut | string =>
  readColumn([single(1, 0, offset)], postTransform === 'PROBIT' ? postTransform : 'NONE', 0)
