import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { explanationToJson, parseDecision, type ScoredDecision } from '@raison/events'
import {
  explainDecisions,
  ExplainError,
  openBundle,
  refusalCode,
  type DecisionAt,
  type OpenedBundle,
  type Result,
} from '@raison/explaining'
import { openInput } from './open-input.ts'
import { mostLineBytes, readLines, type Line } from './read-lines.ts'
import { refuseSameFile } from './refuse-same-file.ts'
import { CliError, codeOf } from './report-error.ts'
import { withProgress } from './with-progress.ts'

export interface ExplainOptions {
  readonly bundle: string
  readonly input: string
  readonly output: string
  readonly contributions: 'all' | 'reasons'
}

/** Explains every line of the input; answers the exit status. */
export async function explain({ bundle, input, output, contributions }: ExplainOptions): Promise<number> {
  await refuseSameFile(['--input', input], ['--output', output])
  const opened = await openBundle(bundle)
  try {
    refuseWithoutRoute(opened)
    opened.warnings.forEach((warning) => console.error(`warning: ${warning}`))
    const count = { explained: 0, rejected: 0 }
    // Opened before the output, which opening empties: a mistyped input must not cost an earlier result.
    const source = await openInput(input, 'decisions')
    const sink = output === '-' ? process.stdout : createWriteStream(output)
    await withProgress((tell) => {
      const results = (bytes: AsyncIterable<Buffer>) =>
        toResults(bytes, opened, contributions, count, () => tell(summary(count)))
      return pipeline(source, results, sink, { end: output !== '-' }).catch(ignoreClosedPipe)
    })
    console.error(summary(count))
    return count.rejected > 0 ? 3 : 0
  } finally {
    await opened.close()
  }
}

async function* toResults(
  bytes: AsyncIterable<Buffer>,
  opened: OpenedBundle,
  contributions: ExplainOptions['contributions'],
  count: { explained: number; rejected: number },
  onCounted: () => void,
): AsyncGenerator<string> {
  for await (const lines of readLines(bytes)) {
    const decisions = lines.map((line) => attempt(() => toDecision(line, opened)))
    const explained = await explainReadable(decisions, opened)
    let text = ''
    explained.forEach((result, k) => {
      count[result.ok ? 'explained' : 'rejected'] += 1
      text += (result.ok ? explanationToJson(result.value, contributions) : rejected(lines[k]!, result.error)) + '\n'
    })
    if (text === '') continue
    onCounted()
    yield text
  }
}

/** Explains what could be read, and puts each result back in its line's place. */
async function explainReadable(
  decisions: readonly Result<DecisionAt>[],
  opened: OpenedBundle,
): ReturnType<typeof explainDecisions> {
  const readable = decisions.filter((decision) => decision.ok).map((decision) => decision.value)
  const results = await explainDecisions(readable, {
    findModel: ({ name, version }) =>
      name === opened.bundle.model.name && version === opened.bundle.model.version ? opened : undefined,
  })
  let next = 0
  return decisions.map((decision) => (decision.ok ? results[next++]! : decision))
}

function toDecision({ text, fault }: Line, { bundle }: OpenedBundle): DecisionAt {
  if (fault !== undefined) throw new CliError(fault, faults[fault])
  const input = parseDecision(text)
  const decision: ScoredDecision = {
    eventId: input.eventId,
    decisionId: input.decisionId ?? input.eventId,
    decidedAt: input.decidedAt ?? '',
    model: input.model ?? { name: bundle.model.name, version: bundle.model.version },
    features: input.features,
    score: input.score,
    outcome: input.outcome,
  }
  return { decision, position: '', timestamp: decision.decidedAt }
}

const faults = {
  LINE_TOO_LONG: `the line is longer than ${mostLineBytes} bytes: one decision a line, named features only`,
  LINE_NOT_UTF8: 'the line is not UTF-8: write the decisions as UTF-8',
}

/** The line of a decision that was not explained. */
function rejected({ number, text }: Line, error: unknown): string {
  const code = error instanceof CliError ? error.code : refusalCode(error)
  if (code === undefined) throw error
  const { message } = error as Error
  return JSON.stringify({ line: number, ...eventIdOf(text), status: 'REJECTED', error: { code, message } })
}

function eventIdOf(text: string | undefined): { eventId?: string } {
  try {
    const { eventId } = JSON.parse(text ?? '') as { eventId?: unknown }
    return typeof eventId === 'string' ? { eventId } : {}
  } catch {
    return {}
  }
}

function attempt<T>(action: () => T): Result<T> {
  try {
    return { ok: true, value: action() }
  } catch (error) {
    return { ok: false, error }
  }
}

/** One error for all, instead of one a line. */
function refuseWithoutRoute({ exact, sampled, model, bundle }: OpenedBundle): void {
  if (exact === undefined && sampled === undefined)
    throw new ExplainError(
      'MODEL_NOT_EXPLAINABLE',
      `${bundle.model.name} ${bundle.model.version} cannot be explained in ${bundle.model.explain}: ${model.whyNotSampled ?? model.whyNotExact}`,
    )
}

function summary({ explained, rejected }: { explained: number; rejected: number }): string {
  if (explained + rejected === 0) return 'note: the input holds no decision'
  return `${explained.toLocaleString('en')} explained${rejected > 0 ? `, ${rejected.toLocaleString('en')} rejected` : ''}`
}

/** The reader of our output has seen enough (`| head`): not an error. */
function ignoreClosedPipe(error: unknown): void {
  if (codeOf(error) !== 'EPIPE') throw error
}
