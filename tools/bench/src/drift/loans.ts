import { join } from 'node:path'
import { openBundle } from '@raison/explaining'
import { numberFor } from '@raison/monitoring'
import { channels, driftScenarioNames, simulateApplications, type DriftScenarioName } from '@raison/loan-demo'
import { root } from '../places.ts'
import { joinRows, referenceSize, windowSize, type DriftSource, type Rows } from './source.ts'

const [quiet, before, after] = [120, 20, 60]

/** Simulated loan applications, explained by the demo's XGBoost bundle. */
export async function openLoans(): Promise<DriftSource> {
  const { bundle, exact, close } = await openBundle(join(root, 'examples/loan-demo/bundles/loan-xgboost'))
  await close()
  const { explainer } = exact!
  const names = bundle.features.map(({ name }) => name)
  const explain = (seed: number, count: number, scenario?: DriftScenarioName): Rows => {
    const options = { seed, count, ...(scenario && { scenario, driftStart: referenceSize + before * windowSize }) }
    const rows = new Float32Array(count * names.length)
    const segments = new Uint8Array(count)
    let k = 0
    for (const { channel, features } of simulateApplications(options)) {
      const values: Readonly<Record<string, number | null>> = features
      names.forEach((name, j) => (rows[k * names.length + j] = values[name] ?? Number.NaN))
      segments[k++] = channels.indexOf(channel)
    }
    const contributions = new Float64Array(count * explainer.playerCount)
    explainer.explainInto(rows, count, contributions)
    return { rows: joinRows(contributions, valuesOfPlayers(rows), explainer.playerCount), segments }
  }
  /** As the explanations carry them: a group has the values of all its features. */
  const valuesOfPlayers = (rows: Float32Array): number[] =>
    Array.from({ length: rows.length / names.length }, (_, row) =>
      bundle.players.map(({ features }) => {
        const values = features.map((j) => rows[row * names.length + j]!)
        return values.length === 1 ? values[0]! : numberFor(JSON.stringify(values))
      }),
    ).flat()
  const cut = ({ rows, segments }: Rows, from: number, to: number): Rows => ({
    rows: rows.subarray(2 * from * explainer.playerCount, 2 * to * explainer.playerCount),
    segments: segments.subarray(from, to),
  })

  return {
    name: 'Loans',
    features: bundle.players.map(({ name }) => name),
    adverse: bundle.decision.adverse,
    windows: { quiet, before, after },
    seeds: 20,
    scenarioSeeds: 20,
    scenarios: driftScenarioNames.map((name) => ({ name, harmless: name === 'changed-risk' })),
    segments: channels,
    draw(seed) {
      const count = referenceSize + quiet * windowSize
      const all = explain(seed, count)
      return {
        reference: cut(all, 0, referenceSize),
        quiet: cut(all, referenceSize, count),
        drifted(scenario) {
          const until = referenceSize + (before + after) * windowSize
          return cut(explain(seed, until, scenario as DriftScenarioName), referenceSize, until)
        },
      }
    },
  }
}
