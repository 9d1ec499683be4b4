import type { Coverage } from './coverage-measure.ts'

export interface CoverageResult {
  readonly title: string
  readonly decisions: number
  readonly seeds: number
  readonly method: string
  readonly measured: readonly Coverage[]
}

/** The section of docs/benchmarks.md. */
export function describeCoverage(results: readonly CoverageResult[]): string {
  return [introduction, ...results.map(describeResult)].join('\n')
}

const introduction = `## How often the intervals hold

Written by \`npm run bench:coverage\`. Share of the true contributions inside their 95 % intervals, of all and of the four largest of a
decision. The truth is every coalition over all 100 reference rows. Of the net of 12 features these are decisions of the test set,
one seed each; of the net of 23 features the decisions are few and the seeds many. The width is half an interval beside
the largest contribution of the decision, median; "top four agree" is the mean of |A ∩ B| / 4 over the four most adverse.
`

function describeResult({ title, decisions, seeds, method, measured }: CoverageResult): string {
  return [
    `### ${title}\n`,
    `${decisions.toLocaleString('en')} decisions × ${seeds} seeds; ${method}.\n`,
    '| budget | model rows, median | median error | top four agree | covered | of the four largest | width |',
    '|---|---|---|---|---|---|---|',
    ...measured.map(
      ({ budget, rows, error, topAgreement, covered, coveredLargest, width }) =>
        `| ${budget?.toLocaleString('en') ?? 'as shipped'} | ${rows.toLocaleString('en')} | ${error.toExponential(1)} | ${topAgreement.toFixed(3)} | ${percent(covered)} | ${percent(coveredLargest)} | ${percent(width)} |`,
    ),
    '',
    ...warnOfNarrow(measured),
  ].join('\n')
}

/** Below it, a coverage is told as missed; the studies measure thousands of contributions. */
const tooLow = 0.93

/** Reasons stand on the largest contributions: whoever reads their intervals is told where they are too narrow. */
function warnOfNarrow(measured: readonly Coverage[]): string[] {
  const shipped = measured.find(({ budget }) => budget === undefined)
  if (shipped === undefined || shipped.coveredLargest >= tooLow) return []
  return [
    `Read the intervals of the largest contributions of this net as too narrow: as shipped, they held ${percent(shipped.coveredLargest)} of the true ones, not 95 %.\n`,
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
