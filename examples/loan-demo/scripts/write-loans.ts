import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { driftScenarioNames, featureNames, simulateApplications, type Application } from '../src/index.ts'

const usage = `Simulated loan applications, on stdout.

npm run --silent loans:csv -- --rows 20000 --seed 7 > training.csv      rows to train with, their label last
npm run --silent loans:jsonl -- --rows 5000 --seed 8 > november.jsonl   decisions for \`raison explain\`

  --rows N           how many (20000)
  --seed N           the same seed gives the same applications (7)
  --scenario NAME    with drift: ${driftScenarioNames.join(', ')}
  --drift-start N    rows before it begins (0)
`

const { format, count, seed, drift } = readOptions()
await pipeline(lines, process.stdout).catch((error: NodeJS.ErrnoException) => {
  // Who reads has seen enough.
  if (error.code !== 'EPIPE') throw error
})

function* lines(): Generator<string> {
  if (format === 'csv') yield `${[...featureNames, 'defaulted'].join(',')}\n`
  let number = 0
  for (const application of simulateApplications({ seed, count, ...drift }))
    yield `${format === 'csv' ? toCsv(application) : toJson(application, ++number)}\n`
}

function toCsv({ features, defaulted }: Application): string {
  return [...featureNames.map((name) => features[name] ?? ''), defaulted].join(',')
}

function toJson({ features }: Application, number: number): string {
  const decisionId = `LOAN-${String(number).padStart(6, '0')}`
  return JSON.stringify({ eventId: `${decisionId}-1`, decisionId, features })
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        format: { type: 'string', default: 'csv' },
        rows: { type: 'string', default: '20000' },
        seed: { type: 'string', default: '7' },
        scenario: { type: 'string' },
        'drift-start': { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help === true) {
      process.stdout.write(usage)
      process.exit(0)
    }
    const scenario = driftScenarioNames.find((name) => name === values.scenario)
    if (values.scenario !== undefined && scenario === undefined)
      throw new Error(`there is no scenario ${values.scenario}`)
    return {
      format: values.format,
      count: wholeNumber('--rows', values.rows),
      seed: wholeNumber('--seed', values.seed),
      drift:
        scenario === undefined ? {} : { scenario, driftStart: wholeNumber('--drift-start', values['drift-start']) },
    }
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`)
    process.exit(2)
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`${option} is a whole number, not ${text}`)
  return Number(text)
}
