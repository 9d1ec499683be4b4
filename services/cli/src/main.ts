import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { addAlarmCommands } from './drift/alarms/commands.ts'
import { addQuarantineCommands } from './quarantine/commands.ts'
import { guardOutput } from './guard-output.ts'
import { positiveNumber, wholeNumber } from './parse-number.ts'
import { exitCodeOf, report } from './report-error.ts'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

const program = new Command('raison')
  .description('Reason codes for automated decisions: exact explanations, from a file or from Kafka.')
  .version(version)
  .showHelpAfterError('Try: raison --help')
  .configureHelp({ sortSubcommands: false })
  // Options after the name of a command are its own.
  .enablePositionalOptions()
  .addHelpText(
    'after',
    '\nExit status: 0 done, 1 an internal error, 2 unusable bundle, configuration or arguments, or results that cannot be written,\n' +
      '3 some decision was rejected (explain) or some record left (quarantine replay --all), 4 the reasons have drifted (drift).\n',
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  // What becomes a service leaves it the streams as they are: Node changes a pipe that it opens.
  .hook('preAction', (_, command) => {
    if (command.name() !== 'run') guardOutput()
  })

program
  .command('demo')
  .description('Show it: a real Kafka, a stream of loan decisions, and the reasons as they are published')
  .addOption(new Option('--lang <language>', 'language of the reasons').choices(['en', 'fr']).default('en'))
  .addOption(new Option('--decisions <n>', 'end after this many decisions (else: until Ctrl-C)').argParser(wholeNumber))
  .addOption(new Option('--rate <n>', 'decisions a second').argParser(wholeNumber).default(2))
  .addOption(new Option('--bundle <name>', 'a bundle of examples/loan-demo/bundles').default('loan-xgboost'))
  .addHelpText('after', examples(['raison demo', 'raison demo --lang fr --decisions 10']))
  .action(async (options) => (await import('./demo.ts')).demo(options))

program
  .command('explain')
  .description('Explain decisions, one JSON line in, one JSON line out, in order')
  .requiredOption('--bundle <dir>', 'the model bundle')
  .option('--input <file>', 'decisions as JSON lines, - for stdin', '-')
  .option('--output <file>', 'explanations as JSON lines, - for stdout', '-')
  .addOption(
    new Option('--contributions <which>', 'every contribution, or the reasons only')
      .choices(['all', 'reasons'])
      .default('reasons'),
  )
  .addHelpText(
    'after',
    examples([
      'raison explain --bundle bundles/loan --input decisions.jsonl',
      'raison explain --bundle bundles/loan --contributions all < decisions.jsonl > explained.jsonl',
    ]) + '\nExit status: 0 all explained, 2 unusable bundle or arguments, 3 some line was rejected.\n',
  )
  .action(async (options) => {
    process.exitCode = await (await import('./explain.ts')).explain(options)
  })

program
  .command('check')
  .description('Check a model bundle: files, how its model is explained, and how well')
  .argument('<dir>', 'the model bundle')
  .option('--json', 'one JSON object on stdout')
  .addHelpText('after', examples(['raison check bundles/loan']))
  .action(async (dir, options) => {
    process.exitCode = await (await import('./check.ts')).check(dir, options)
  })

program
  .command('fit')
  .description(
    'Prepare a bundle: fit a surrogate where its model has no exact route, and learn from its training rows what drift is measured against',
  )
  .argument('<dir>', 'the model bundle')
  .addOption(new Option('--max-minutes <minutes>', 'for everything, on two cores').argParser(positiveNumber).default(6))
  .addOption(
    new Option('--max-milliseconds <milliseconds>', 'what a decision may cost on one core')
      .argParser(positiveNumber)
      .default(10),
  )
  .option('--json', 'one JSON object on stdout')
  .addHelpText(
    'after',
    examples(['raison fit bundles/loan-net', 'raison fit bundles/loan-net --max-minutes 1 --max-milliseconds 5']) +
      '\nA fit that was cut short goes on where it was. A surrogate is never fitted again: remove the file to fit anew. The drift baseline is learned each time.\n',
  )
  .action(async (dir, options) => (await import('./fit.ts')).fit(dir, options))

const drift = program
  .command('drift')
  .description(
    'Watch a file of explanations for drift of the reasons and of their quality, beside a baseline of earlier ones; or see to the alarms of the drift monitor',
  )
  .option(
    '--baseline <file>',
    'explanations of a time in which all was well, or a baseline that `raison fit` has learned',
  )
  .option('--input <file>', 'explanations to watch, - for stdin', '-')
  .addOption(new Option('--window <n>', 'explanations in a window').argParser(wholeNumber).default(250))
  .addOption(
    new Option('--run-length <n>', 'windows between two false alarms, on average, at the least')
      .argParser(wholeNumber)
      .default(2000),
  )
  .option('--by-key', 'watch explanations of several models, methods or budgets each by itself')
  .addOption(
    new Option(
      '--slice <feature>',
      'also watch by itself what has one value of this feature, for each frequent value (repeatable)',
    ).argParser((feature, before: readonly string[] = []) => [...before, feature]),
  )
  .addOption(new Option('--json', 'one JSON object on stdout'))
  .option('--html <file>', 'also write a report with plots')
  .addHelpText(
    'after',
    examples([
      'raison explain --bundle bundles/loan --contributions all --input october.jsonl --output october.explained.jsonl',
      'raison drift --baseline october.explained.jsonl --input november.explained.jsonl',
      'raison drift --baseline october.explained.jsonl --input november.explained.jsonl --html drift.html --json',
      'raison drift --baseline october.explained.jsonl --input november.explained.jsonl --slice channel --slice home_owner',
    ]) +
      '\nBoth files hold what `raison explain --contributions all` writes. Lines that were REJECTED, degraded or cut to their reasons are counted and\n' +
      'left out, as are duplicates; a last window that is not full is counted and not looked at.\n' +
      'How well decisions can be explained (fidelity, interval width, degraded, review) is watched beside the reasons, degraded lines with it: alarms of\n' +
      'quality are told apart. A baseline that `raison fit` has learned has no quality.\n' +
      'A slice is watched for every value that 1,000 explanations of the baseline have, 31 at the most; slices and quality share one --run-length.\n' +
      'Exit status: 0 no alarm, 4 alarm, 2 unusable files or arguments.\n',
  )
  .action(async (options) => {
    process.exitCode = await (await import('./drift/drift.ts')).drift(options)
  })
addAlarmCommands(drift, examples)

addQuarantineCommands(program, examples)

program
  .command('run')
  .description(
    'Run a service, configured by the environment (KAFKA_BROKERS, SCHEMA_REGISTRY_URL, RAISON_BUNDLES, RAISON_GROUP) or by RAISON_CONFIG',
  )
  .argument('<service>', 'explainer or drift-monitor')
  .addHelpText(
    'after',
    examples(['RAISON_BUNDLES=bundles RAISON_GROUP=explainer raison run explainer', 'raison run drift-monitor']),
  )
  .action(async (service) => (await import('./run-service.ts')).runService(service))

program
  .command('up')
  .description('Start a local broker and registry in the background, create the topics, print their addresses')
  .addHelpText('after', examples(['export $(raison up)']))
  .action(async () => (await import('./platform.ts')).up())

program
  .command('down')
  .description('Stop what `raison up` started, print the `unset` of its addresses where they are still set')
  .addHelpText('after', examples(['raison down', 'eval "$(raison down)"']))
  .action(async () => (await import('./platform.ts')).down())

program
  .command('topics')
  .description(
    'Print the topics Raison needs, or create them and register their schemas on KAFKA_BROKERS and SCHEMA_REGISTRY_URL',
  )
  .option('--create', 'create what is missing')
  .addOption(
    new Option('--partitions <n>', 'of a new topic; a state topic gets as many as the topic that is read')
      .argParser(wholeNumber)
      .default(4),
  )
  .addOption(new Option('--replication <n>', "of a new topic (default: the broker's own)").argParser(wholeNumber))
  .option('--json', 'one JSON array on stdout; with --create as the topics are on the cluster')
  .addHelpText(
    'after',
    examples([
      'raison topics',
      'KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… raison topics --create --partitions 12 --replication 3',
    ]),
  )
  .action(async (options) => (await import('./topics.ts')).topics(options))

try {
  await program.parseAsync()
} catch (thrown) {
  const error = await named(thrown)
  report(error)
  process.exit(exitCodeOf(error))
}

/** Kafka's client is loaded only where it has thrown. */
async function named(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !error.name.startsWith('KafkaJS')) return error
  return (await import('./kafka/name-failure.ts')).nameFailure(error)
}

function examples(lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}\n`
}
