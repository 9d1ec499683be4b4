import type { MonitoredExplanation } from '@raison/events'
import { baselineKeyOf, MonitoringError, parseExplanation } from '@raison/monitoring'
import { openInput } from '../open-input.ts'
import { mostLineBytes, readLines, type Line } from '../read-lines.ts'
import { CliError } from '../report-error.ts'

/** An explanation that counts, and the key of the baseline that it belongs to. */
export interface KeyedExplanation {
  readonly line: number
  readonly key: string
  readonly explanation: MonitoredExplanation
}

/** Lines that do not count for the reasons, by why. */
export interface Skipped {
  /** Decisions that could not be explained. */
  rejected: number
  /** Explained by sampling alone, before the surrogate was there: they count for the quality. */
  degraded: number
  /** Only the contributions that are reasons. */
  cut: number
  duplicates: number
}

export const nothingSkipped = (): Skipped => ({ rejected: 0, degraded: 0, cut: 0, duplicates: 0 })

/**
 * The explanations of a file (`-`: stdin) that are to be watched, in the groups they arrive in; `skipped` counts the others.
 * Throws MonitoringError or CliError with the file's name and the number of the line.
 */
export async function* readExplanations(file: string, skipped: Skipped): AsyncGenerator<KeyedExplanation[]> {
  const bytes = await openInput(file, 'explanations')
  const isNew = rememberRecent()
  for await (const lines of readLines(bytes)) {
    const watched: KeyedExplanation[] = []
    for (const line of lines) {
      const explanation = atLine(file, line, () => parseExplanation(textOf(line)))
      if (explanation === undefined) skipped.rejected++
      else if (explanation.explanationId !== '' && !isNew(explanation.explanationId)) skipped.duplicates++
      else if (explanation.contributionsCut && !explanation.quality.degraded) skipped.cut++
      else {
        if (explanation.quality.degraded) skipped.degraded++
        watched.push({ line: line.number, key: baselineKeyOf(explanation), explanation })
      }
    }
    yield watched
  }
}

/** The name and version of its model. */
export function modelOf({ model }: MonitoredExplanation): string {
  return `${model.name} ${model.version}`
}

/** What goes wrong at a line says where it is. */
export function atLine<T>(file: string, { number }: Pick<Line, 'number'>, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const { message } = error as Error
    const place = `${file === '-' ? 'stdin' : file}, line ${number}: ${message}`
    if (error instanceof MonitoringError) throw new MonitoringError(error.code, place, { cause: error })
    if (error instanceof CliError) throw new CliError(error.code, place)
    throw error
  }
}

function textOf({ text, fault }: Line): string {
  if (fault === 'LINE_TOO_LONG')
    throw new CliError(fault, `the line is longer than ${mostLineBytes} bytes: one explanation a line`)
  if (fault !== undefined) throw new CliError(fault, 'the line is not UTF-8: write the explanations as UTF-8')
  return text
}

/** Memory must not grow with the file: so many ids are kept at the least, twice as many at the most. */
const remembered = 250_000

function rememberRecent(): (id: string) => boolean {
  let [recent, older] = [new Set<string>(), new Set<string>()]
  return (id) => {
    if (recent.has(id) || older.has(id)) return false
    if (recent.size === remembered) [recent, older] = [new Set(), recent]
    recent.add(id)
    return true
  }
}
