import { Option, type Command } from 'commander'
import { wholeNumber } from '../parse-number.ts'
import { CliError } from '../report-error.ts'

/** `raison quarantine list | show | replay`. */
export function addQuarantineCommands(program: Command, examples: (lines: string[]) => string): void {
  const quarantine = program
    .command('quarantine')
    .description('Records that could not be explained: what they are, and how they get a second chance')

  const topic = (): Option =>
    new Option('--topic <name>', 'the quarantine (default: topics.quarantined of the configuration)')
  const filters = (): Option[] => [
    new Option('--code <code>', 'only this error code'),
    new Option('--stage <stage>', 'only this stage').choices(['decode', 'process', 'encode']),
    new Option('--since <time>', 'first seen then or later, ISO 8601').argParser(timeOf),
  ]

  const list = quarantine
    .command('list')
    .description('Print the records: position, source, key, code, stage and message')
    .addOption(topic())
    .addOption(new Option('--limit <n>', 'show no more').argParser(wholeNumber))
    .option('--summary', 'how many of each code and stage')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      examples(['raison quarantine list --summary', 'raison quarantine list --code FEATURE_MISSING']),
    )
    .action(async (options) => (await import('./list.ts')).list(options))
  filters().forEach((option) => list.addOption(option))

  quarantine
    .command('show')
    .description('Print one record whole, as JSON; values of features only when asked for')
    .argument('<position>', 'partition/offset in the quarantine, or topic/partition/offset of the source')
    .addOption(topic())
    .option('--values', 'with the values of features, and with bytes that cannot be decoded')
    .addHelpText(
      'after',
      examples(['raison quarantine show 0/12', 'raison quarantine show decisions.scored/3/4711 --values']),
    )
    .action(async (position, options) => (await import('./show.ts')).show(position, options))

  const replay = quarantine
    .command('replay')
    .description('Send records back to where they came from, each once')
    .argument('[positions...]', 'as `raison quarantine list` shows them')
    .addOption(topic())
    .option(
      '--all',
      'every record that was neither replayed yet nor is a replay that failed; --code, --stage and --since choose among them',
    )
    .option('--value <file>', 'the decision as it should have been, one JSON object, in place of the bytes set aside')
    .option('--dry-run', 'say what would be replayed')
    .option('--yes', 'do not ask')
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      examples([
        'raison quarantine replay 0/12',
        'raison quarantine replay 0/12 --value mended.json',
        'raison quarantine replay --all --code MODEL_UNKNOWN --yes',
      ]) +
        '\nA replayed record has the header raison-replay-of, the place where it was first read. One that fails again is set aside again.\n' +
        'Exit status: 0 done, 2 refused or failed (what was printed as replayed stays so), 3 --all left some: the topic or partition they came from is not there.\n',
    )
    .action(async (positions, options) => {
      process.exitCode = await (await import('./replay.ts')).replay(positions, options)
    })
  filters().forEach((option) => replay.addOption(option))
}

function timeOf(text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new CliError('USAGE', `${text} is no time: 2026-11-22T10:00:00Z is one`)
}
