import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describeBench } from './describe-bench.ts'
import { machine } from './machine.ts'
import { root } from './places.ts'
import { report, writeSection } from './report-section.ts'
import { timeExplanations } from './time-explanations.ts'
import { openTimedModels } from './timed-models.ts'
import { timeTheLine } from './time-the-line.ts'

// `npm run bench`: the time of an explanation, and what the explainer gets through Kafka.
const help = `Usage: npm run bench -- [options]

Times exact explanations at two sizes of the reference, and the explainer from topic to topic beside a plain copy.
The broker and registry are those of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, else local ones for as long as it runs.

  --only explain|line|latency   one of the two parts, or of the second one the latencies alone
  --rounds N            rounds of each measurement (default 5; of the line 3, with a sampled model 1)
  --decisions N         decisions through Kafka (default 180000; with a sampled model 10000)
  --partitions N        with --only line: rates alone, of one process on so many partitions
  --bundle NAME         of examples/loan-demo/bundles, through Kafka (default loan-xgboost); another one beside it
  --fit-minutes N       for fitting a sampled model, before the clock starts (default 6)
  --profile DIR         write the explainer's CPU profiles there; profiling slows it
  --json                one JSON object, every round in it
  --write               also put the figures of both parts into docs/benchmarks.md
  --help                this text

Examples:
  npm run bench
  npm run bench -- --only explain --rounds 15
  npm run bench -- --only line --bundle loan-neural-net
  npm run bench -- --json --decisions 60000 > figures.json
`
const values = readArguments()
const [rounds, decisions, partitions] = [wholeNumber('rounds'), wholeNumber('decisions'), wholeNumber('partitions')]
const fitMinutes = wholeNumber('fit-minutes') ?? 6
const { bundle, profile } = values
const withoutRates = values.only === 'latency'
const lineOptions = { rounds, decisions, partitions, bundle, fitMinutes, profile, withoutRates }
const say = (line: string): void => console.error(line)

const results = {
  machine: machine(),
  rounds: rounds ?? 5,
  explain: values.only === 'line' || values.only === 'latency' ? [] : await timeAllExplanations(),
  line: values.only === 'explain' ? [] : await timeTheLine(lineOptions, say),
}
console.log(values.json ? JSON.stringify(results) : describeBench(results))
if (values.write) {
  writeSection(describeBench(results))
  say(`Wrote ${report}`)
}

async function timeAllExplanations() {
  const models = await openTimedModels()
  return models.map((model) => {
    say(`explaining: ${model.name} …`)
    return timeExplanations(model, rounds ?? 5)
  })
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        decisions: { type: 'string' },
        partitions: { type: 'string' },
        bundle: { type: 'string', default: 'loan-xgboost' },
        'fit-minutes': { type: 'string' },
        profile: { type: 'string' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(help)
      process.exit(0)
    }
    if (!['explain', 'line', 'latency', undefined].includes(values.only))
      fail(`--only is explain, line or latency, not ${values.only}`)
    if (!existsSync(join(root, 'examples/loan-demo/bundles', values.bundle, 'bundle.yaml')))
      fail(`--bundle is a name in examples/loan-demo/bundles, not ${values.bundle}`)
    if (values.partitions !== undefined && values.only !== 'line') fail('--partitions goes with --only line')
    if (values.write && values.only !== undefined) fail('--write needs both parts: leave out --only')
    return values
  } catch (error) {
    return fail((error as Error).message)
  }
}

function wholeNumber(name: 'rounds' | 'decisions' | 'partitions' | 'fit-minutes'): number | undefined {
  if (values[name] === undefined) return undefined
  const number = Number(values[name])
  return Number.isInteger(number) && number > 0 ? number : fail(`--${name} is a whole number, not ${values[name]}`)
}

function fail(message: string): never {
  process.stderr.write(`${message}\nTry: npm run bench -- --help\n`)
  process.exit(2)
}
