import { parseArgs } from 'node:util'
import { featureNames, simulateApplications } from '../src/index.ts'

// Usage: npm run --silent loans:csv -- --rows 20000 --seed 7 > training.csv
const { values } = parseArgs({ options: { rows: { type: 'string' }, seed: { type: 'string' } } })
const count = Number(values.rows ?? 20_000)
const seed = Number(values.seed ?? 7)
const lines = [[...featureNames, 'defaulted'].join(',')]
for (const { features, defaulted } of simulateApplications({ seed, count }))
  lines.push([...featureNames.map((name) => features[name] ?? ''), defaulted].join(','))
process.stdout.write(lines.join('\n') + '\n')
