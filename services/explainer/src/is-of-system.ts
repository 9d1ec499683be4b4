/** A right, too many open files, a disk: it may pass without any change of the file. One that is not there has to be put there. */
export function isOfSystem(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { errno, code } = error as NodeJS.ErrnoException
  return errno === undefined ? isOfSystem(error.cause) : code !== 'ENOENT' && code !== 'ENOTDIR'
}
