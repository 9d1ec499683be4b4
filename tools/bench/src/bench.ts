import { parseArgs } from 'node:util'
import { describeBench } from './describe-bench.ts'
import { machine } from './machine.ts'
import { report, writeSection } from './report-section.ts'
import { timeExplanations } from './time-explanations.ts'
import { openTimedModels } from './timed-models.ts'
import { timeTheLine } from './time-the-line.ts'

// `npm run bench`: the time of an explanation, and what the explainer gets through Kafka.
const help = `Usage: npm run bench -- [options]

Times exact explanations at two sizes of the reference, and the explainer from topic to topic beside a plain copy.
The broker and registry are those of KAFKA_BROKERS and SCHEMA_REGISTRY_URL, else local ones for as long as it runs.

  --only explain|line   one of the two parts
  --rounds N            rounds of each measurement (default 5)
  --decisions N         decisions through Kafka (default 20000)
  --profile DIR         write the explainer's CPU profiles there; profiling slows it
  --json                one JSON object, every round in it
  --write               also put the figures of both parts into docs/benchmarks.md
  --help                this text

Examples:
  npm run bench
  npm run bench -- --only explain --rounds 15
  npm run bench -- --json --decisions 60000 > figures.json
`
const values = readArguments()
const [rounds, decisions] = [wholeNumber('rounds', 5), wholeNumber('decisions', 20_000)]
const say = (line: string): void => console.error(line)

const results = {
  machine: machine(),
  rounds,
  decisions,
  explain: values.only === 'line' ? [] : await timeAllExplanations(),
  line: values.only === 'explain' ? [] : await timeTheLine({ rounds, decisions, profile: values.profile }, say),
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
    return timeExplanations(model, rounds)
  })
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string' },
        rounds: { type: 'string' },
        decisions: { type: 'string' },
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
    if (!['explain', 'line', undefined].includes(values.only)) fail(`--only is explain or line, not ${values.only}`)
    if (values.write && values.only !== undefined) fail('--write needs both parts: leave out --only')
    return values
  } catch (error) {
    return fail((error as Error).message)
  }
}

function wholeNumber(name: 'rounds' | 'decisions', otherwise: number): number {
  const number = Number(values[name] ?? otherwise)
  return Number.isInteger(number) && number > 0 ? number : fail(`--${name} is a whole number, not ${values[name]}`)
}

function fail(message: string): never {
  process.stderr.write(`${message}\nTry: npm run bench -- --help\n`)
  process.exit(2)
}
