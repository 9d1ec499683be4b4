/** What may be logged of an error. */
export interface DescribedError {
  readonly code?: string
  readonly message: string
  /** The places in the code, of a bug. */
  readonly stack?: string
}

/**
 * Of an error that is neither ours nor the system's the message is left out: it may hold values of a record. Where it was
 * thrown is told instead.
 */
export function describeError(error: unknown): DescribedError {
  if (!(error instanceof Error)) return { message: `${typeof error} thrown` }
  const { code, message, name, cause } = error as Error & { code?: unknown }
  if (typeof code === 'string' && isSafe(code)) return { code, message, ...(code === bug && framesOf(cause)) }
  return { ...(typeof code === 'string' && { code }), message: `${name}: ${leftOut}`, ...framesOf(error) }
}

const bug = 'PROCESSOR_FAILED'
const leftOut = 'what it says is left out, as it may hold values of a record'

/** Node's own messages show the value that was wrong. */
function isSafe(code: string): boolean {
  return ofLoading.has(code) || !code.startsWith('ERR_')
}

/** Codes of what cannot be loaded; nothing has been read yet. */
const ofLoading: ReadonlySet<string> = new Set([
  'ERR_DLOPEN_FAILED',
  'ERR_MODULE_NOT_FOUND',
  'ERR_PACKAGE_PATH_NOT_EXPORTED',
])

/** The stack without its head, which repeats the message. */
function framesOf(error: unknown): { readonly stack?: string } {
  if (!(error instanceof Error)) return {}
  const lines = (error.stack ?? '').replace(error.message, '').split('\n')
  return { stack: lines.filter((line) => /^ {4}at .+$/.test(line)).join('\n') }
}
