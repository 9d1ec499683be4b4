import { codeOf, exitCodeOf, report } from './report-error.ts'

/**
 * Results that cannot be written end the command with the system's error: Node itself would pass over them, or die of them. A
 * reader who has seen enough (`| head`) is no error: the command goes on in silence and answers with its own status. Nobody can
 * be told what stderr does not take.
 */
export function guardOutput(): void {
  process.stdout.on('error', (error) => {
    if (codeOf(error) === 'EPIPE') return
    report(error)
    process.exit(exitCodeOf(error))
  })
  process.stderr.on('error', () => undefined)
}
