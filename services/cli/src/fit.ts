import { fitBundle, ExplainError, type FitReport } from '@raison/explaining'
import { amountOf } from './amount-of.ts'
import { learnBaseline, type LearnedBaseline } from './learn-baseline.ts'
import { showSteps, type Steps } from './show-steps.ts'

export interface FitOptions {
  readonly maxMinutes: number
  readonly maxMilliseconds: number
  readonly json?: boolean
}

/**
 * Fits a bundle's surrogate, learns what its explanations look like for the watch over their drift, and says what came of both.
 * That there is nothing to fit is an answer, no error.
 */
export async function fit(directory: string, options: FitOptions): Promise<void> {
  const steps = showSteps(process.stderr)
  const deadline = performance.now() + 60_000 * options.maxMinutes
  try {
    const report = await fitSurrogate(directory, options, steps)
    const baseline = await learnBaseline(directory, { deadline, say: steps.show })
    console.log(
      options.json
        ? JSON.stringify({ bundle: directory, ...toJson(report), driftBaseline: baseline })
        : `${typeof report === 'string' ? report : toText(report, options.maxMilliseconds)}\n${describeBaseline(baseline)}`,
    )
  } finally {
    steps.end()
  }
}

/** Why not, where there is nothing to fit. */
async function fitSurrogate(
  directory: string,
  { maxMinutes, maxMilliseconds }: FitOptions,
  steps: Steps,
): Promise<FitReport | string> {
  try {
    return await fitBundle(directory, { maxMinutes, milliseconds: maxMilliseconds, say: steps.show })
  } catch (error) {
    if (error instanceof ExplainError && error.code === 'FIT_NOT_NEEDED') return error.message
    throw error
  }
}

function describeBaseline(baseline: LearnedBaseline | string): string {
  return typeof baseline === 'string'
    ? `no drift baseline: ${baseline}`
    : `drift baseline of ${amountOf(baseline.explanations, 'explanation')}: ${baseline.file}`
}

type Candidate = FitReport['candidates'][number]

function toJson(report: FitReport | string): object {
  if (typeof report === 'string') return { fitted: false, why: report }
  const { candidates, ...rest } = report
  const [chosen] = candidates as [Candidate]
  const compared = candidates.map((candidate) => ({
    kind: candidate.kind,
    budgets: measuresOf(candidate),
  }))
  const { kind, budgetRows, error } = chosen
  return { fitted: true, kind, budgetRows, error, ...rest, candidates: compared }
}

interface Measure {
  /** Model rows of a decision. */
  readonly rows: number
  /** Median relative squared error. */
  readonly error: number
  readonly milliseconds: number
}

function measuresOf({ calibration, milliseconds }: Candidate): Measure[] {
  return calibration.budgets.map(({ rows, error }, b) => ({ rows, error, milliseconds: milliseconds[b]! }))
}

function toText(report: FitReport, most: number): string {
  const { candidates, fidelity, hybrids, resumed, seconds, file } = report
  const [chosen] = candidates as [Candidate]
  return [
    `fitted in ${seconds.toFixed(0)} s on ${count(hybrids)} scored rows${resumed ? ', going on where an earlier fit was cut short' : ''}`,
    '',
    'error (median, squared, relative) and milliseconds of a decision, by the rows that the model is asked:',
    ...tableOf(candidates),
    '',
    `kept: ${reasonFor(chosen, most)}`,
    `fidelity: R² ${fidelity.toFixed(4)} on rows that the fit never saw`,
    `artefact: ${file}`,
  ].join('\n')
}

function tableOf(candidates: readonly Candidate[]): string[] {
  const widest = Math.max(...candidates.map(({ kind }) => kind.length))
  const budgets = measuresOf(candidates[0]!)
  const line = (name: string, cells: readonly string[]): string =>
    `  ${name.padEnd(widest)}${cells.map((cell) => cell.padStart(18)).join('')}`
  return [
    line(
      '',
      budgets.map(({ rows }) => count(rows)),
    ),
    ...candidates.map((candidate) =>
      line(
        candidate.kind,
        measuresOf(candidate).map(
          ({ error, milliseconds }) => `${error.toExponential(1)} ${milliseconds.toFixed(1).padStart(6)} ms`,
        ),
      ),
    ),
  ]
}

function reasonFor(chosen: Candidate, most: number): string {
  const { milliseconds, error } = measuresOf(chosen).find(({ rows }) => rows === chosen.budgetRows)!
  const what = `${chosen.kind} with at most ${count(chosen.budgetRows)} rows a decision`
  return milliseconds <= most
    ? `${what}, the smallest error within ${most} ms: ${error.toExponential(1)} in ${milliseconds.toFixed(1)} ms`
    : `${what}, the fastest: ${milliseconds.toFixed(1)} ms, as none takes ${most} ms or less; its error is ${error.toExponential(1)}`
}

const count = (value: number): string => value.toLocaleString('en')
