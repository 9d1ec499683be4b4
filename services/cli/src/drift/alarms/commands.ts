import { Option, type Command } from 'commander'

/** `raison drift alarms | ack | clear`. */
export function addAlarmCommands(drift: Command, examples: (lines: string[]) => string): void {
  const topic = (): Option => new Option('--topic <name>', 'the signals (default: topics.drift of the configuration)')
  const windowsTopic = (): Option =>
    new Option('--windows-topic <name>', 'what the monitor reads (default: topics.windows of the configuration)')
  drift.enablePositionalOptions()

  drift
    .command('alarms')
    .description('Print the alarms that the drift monitor has raised and nobody has cleared')
    .addOption(topic())
    .option('--all', 'also those that were cleared, and what changed between versions of a model')
    .option('--model <name>', 'only of this model')
    .option('--json', 'one JSON object a line')
    .addHelpText('after', examples(['raison drift alarms', 'raison drift alarms --all --json']))
    .action(async (options) => (await import('./list-alarms.ts')).listAlarms(options))

  drift
    .command('ack')
    .description('Say that an alarm is known: it is not raised anew while it cools down')
    .argument('<alarm>', 'its id, as `raison drift alarms` shows it')
    .addOption(topic())
    .addOption(windowsTopic())
    .option('--by <name>', 'who says so (default: the user of this terminal)')
    .option('--note <text>', 'why')
    .addHelpText('after', examples(['raison drift ack 3f1c88a0d2b7-41 --note "new tariff since Monday"']))
    .action(async (alarm, options) => (await import('./tell-alarm.ts')).tellAlarm(alarm, 'acknowledge', options))

  drift
    .command('clear')
    .description('Say that an alarm is over')
    .argument('<alarm>', 'its id, as `raison drift alarms` shows it')
    .addOption(topic())
    .addOption(windowsTopic())
    .option('--by <name>', 'who says so (default: the user of this terminal)')
    .option('--note <text>', 'why')
    .option('--relearn', 'what comes from now on is the new baseline')
    .addHelpText('after', examples(['raison drift clear 3f1c88a0d2b7-41 --relearn --note "accepted"']))
    .action(async (alarm, { relearn, ...options }) =>
      (await import('./tell-alarm.ts')).tellAlarm(alarm, relearn === true ? 'relearn' : 'clear', options),
    )
}
