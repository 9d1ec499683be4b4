import { printableLines } from './printable.ts'

type CliErrorCode =
  | 'ALARM_CLEARED'
  | 'ALARM_UNKNOWN'
  | 'BROKER_UNREACHABLE'
  | 'INPUT_NOT_LINES'
  | 'LINE_NOT_UTF8'
  | 'LINE_TOO_LONG'
  | 'NOTHING_TO_COMPARE'
  | 'QUARANTINE_OVERTAKEN'
  | 'QUARANTINE_REPLAYED'
  | 'QUARANTINE_UNKNOWN'
  | 'RECORD_UNREADABLE'
  | 'SEVERAL_BASELINES'
  | 'SLICE_UNKNOWN'
  | 'SOURCE_GONE'
  | 'USAGE'

/** A wrong use of the command itself, a line that cannot be a decision, or a cluster that the command cannot go on with. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** One line for a person; the stack only for those who ask for it. */
export function report(error: unknown): void {
  const message = printableLines(error instanceof Error ? error.message : String(error))
  const code = codeOf(error)
  console.error(
    code === undefined
      ? `raison: internal error: ${message}\nPlease report it; RAISON_DEBUG=1 prints the stack.`
      : `raison: ${message.startsWith(`${code}: `) ? message : `${code}: ${message}`}`, // the system's messages begin with it
  )
  if (process.env['RAISON_DEBUG'] === '1') console.error(error)
}

/** 2 for what the user can mend, 1 for what is ours. */
export function exitCodeOf(error: unknown): number {
  return codeOf(error) === undefined ? 1 : 2
}

/** Every error of Raison, and of the system, carries a code. A bug has none here: Node gives some to a wrong use of it. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return !error.code.startsWith('ERR_') || ofLargeFiles.includes(error.code) ? error.code : undefined
}

/** A file that the user has named is more than Node takes into memory. */
const ofLargeFiles = ['ERR_FS_FILE_TOO_LARGE', 'ERR_STRING_TOO_LONG']
