import type { MonitoredExplanation } from '@raison/events'

/** What the explanations of one baseline have in common, as a person tells it. */
const parts: readonly (readonly [name: string, tell: (explanation: MonitoredExplanation) => string])[] = [
  ['model', ({ model }) => `${model.name} ${model.version} with sha256 ${short(model.sha256)}`],
  ['reference', ({ reference }) => short(reference.sha256)],
  ['method', ({ method }) => method],
  ['budget', ({ budget }) => `${budget.rows} rows`],
  ['artefact', ({ artefactSha256 }) => (artefactSha256 === undefined ? 'none' : short(artefactSha256))],
  ['space', ({ space }) => space],
]

const short = (sha256: string): string => sha256.slice(0, 12)
const mostTold = 3

/** Why explanations are not of one baseline: `method (exact-trees or kernel), budget (0 rows or 400 rows)`. */
export function tellDifferences(explanations: readonly MonitoredExplanation[]): string {
  return parts
    .flatMap(([name, tell]) => {
      const told = [...new Set(explanations.map(tell))]
      if (told.length === 1) return []
      return [`${name} (${told.slice(0, mostTold).join(' or ')}${told.length > mostTold ? ' or others' : ''})`]
    })
    .join(', ')
}
