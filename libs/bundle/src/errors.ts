export const bundleErrorCodes = [
  'BUNDLE_MISSING',
  'BUNDLE_YAML',
  'BUNDLE_INVALID',
  'BUNDLE_PATH',
  'BUNDLE_FILE_MISSING',
  'BUNDLE_FILE_UNREADABLE',
  'BUNDLE_FILE_TOO_LARGE',
  'BUNDLE_ENCODING',
  'MODEL_EMPTY',
  'REFERENCE_EMPTY',
  'REFERENCE_COLUMNS',
  'REFERENCE_SYNTAX',
  'REFERENCE_VALUE',
  'REASONS_INVALID',
] as const
export type BundleErrorCode = (typeof bundleErrorCodes)[number]

/** One thing wrong in one place; the message says what was found and what to do. */
export interface BundleProblem {
  readonly code: BundleErrorCode
  /** As bundle.yaml names it, relative to the bundle's directory. */
  readonly file: string
  /** From 1; undefined when the file as a whole is meant. */
  readonly line: number | undefined
  /** Character in the line, from 1. */
  readonly column: number | undefined
  readonly message: string
}

/** The bundle cannot be used. `problems` holds everything found in one reading; `code` is the first one's. */
export class BundleError extends Error {
  override readonly name = 'BundleError'
  readonly code: BundleErrorCode
  readonly problems: readonly BundleProblem[]

  constructor(problems: readonly [BundleProblem, ...BundleProblem[]], options?: ErrorOptions) {
    super(problems.map(printProblem).join('\n'), options)
    this.code = problems[0].code
    this.problems = problems
  }
}

function printProblem({ file, line, column, message }: BundleProblem): string {
  return `${[file, line, column].filter((part) => part !== undefined).join(':')}: ${message}`
}

/** Does nothing without problems. */
export function throwProblems(problems: readonly BundleProblem[], options?: ErrorOptions): void {
  const [first, ...others] = problems
  if (first !== undefined) throw new BundleError([first, ...others], options)
}

/** Waits for all the tasks; when some fail as BundleErrors, throws the problems of all of them in one, caused by the first. */
export async function together<Results extends readonly unknown[]>(tasks: {
  readonly [Task in keyof Results]: Promise<Results[Task]>
}): Promise<Results> {
  const failures = (await Promise.allSettled(tasks)).flatMap((task) =>
    task.status === 'rejected' ? [task.reason] : [],
  )
  for (const failure of failures) if (!(failure instanceof BundleError)) throw failure
  throwProblems(
    failures.flatMap((failure: BundleError) => failure.problems),
    { cause: failures[0] },
  )
  return Promise.all(tasks) as Promise<unknown> as Promise<Results>
}
