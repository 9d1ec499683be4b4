import type { MonitoredExplanation, MonitoredKind } from '@raison/events'
import { baselineKeyOf } from '../baseline-key.ts'
import { qualityKeyOf, qualityNames } from '../quality.ts'
import { checkFamily } from './check-explanation.ts'
import { hashOfSettings, type CountSettings } from './settings.ts'

/** Explanations that count alike: of one model, explained in one way, with features in one order. */
export interface Family {
  /** What each of them adds to. */
  readonly series: readonly Series[]
}

/** Rows of one baseline, with columns in the order of their names, so that it is the same on every partition. */
export interface Series {
  /** Of baseline and settings. */
  readonly id: string
  readonly baselineKey: string
  readonly settings: string
  readonly kind: MonitoredKind
  readonly columns: readonly string[]
  /** Per column its place in an explanation. */
  readonly from: readonly number[]
  readonly modelName: string
  readonly modelVersion: string
  readonly adverse: 'high' | 'low'
}

/** There are few of them at a time: versions of a few models, and each one's degraded explanations. */
const mostFamilies = 32

/**
 * Finds the family of an explanation: names are checked, sorted and hashed when the first of a family comes. Throws
 * EXPLANATION_INVALID.
 */
export function rememberFamilies(
  settings: CountSettings,
  partitions: number,
): (explanation: MonitoredExplanation) => Family {
  const known: { readonly example: MonitoredExplanation; readonly family: Family }[] = []
  return (explanation) => {
    const at = known.findIndex(({ example }) => isAlike(example, explanation))
    if (at === 0) return known[0]!.family
    const [found] = at > 0 ? known.splice(at, 1) : [{ example: explanation, family: familyOf(explanation) }]
    known.unshift(found!)
    if (known.length > mostFamilies) known.pop()
    return found!.family
  }

  function familyOf(explanation: MonitoredExplanation): Family {
    checkFamily(explanation)
    const { contributions, contributionsCut, quality } = explanation
    const features = contributions.map(({ feature }) => feature)
    const ofQuality = seriesOf('quality', qualityKeyOf(explanation), qualityNames, explanation)
    if (quality.degraded || contributionsCut) return { series: [ofQuality] }
    return { series: [seriesOf('contributions', baselineKeyOf(explanation), features, explanation), ofQuality] }
  }

  function seriesOf(
    kind: MonitoredKind,
    baselineKey: string,
    observed: readonly string[],
    { adverse, model: { name, version } }: MonitoredExplanation,
  ): Series {
    const model = { modelName: name, modelVersion: version, adverse }
    const columns = [...observed].sort()
    const hash = hashOfSettings(settings, partitions, [columns, model])
    const from = columns.map((column) => observed.indexOf(column))
    return { id: `${baselineKey}.${hash}`, baselineKey, settings: hash, kind, columns, from, ...model }
  }
}

function isAlike(one: MonitoredExplanation, other: MonitoredExplanation): boolean {
  return (
    one.model.sha256 === other.model.sha256 &&
    one.model.name === other.model.name &&
    one.model.version === other.model.version &&
    one.reference.sha256 === other.reference.sha256 &&
    one.method === other.method &&
    one.budget.rows === other.budget.rows &&
    one.artefactSha256 === other.artefactSha256 &&
    one.space === other.space &&
    one.adverse === other.adverse &&
    one.contributionsCut === other.contributionsCut &&
    one.quality.degraded === other.quality.degraded &&
    hasSameFeatures(one.contributions, other.contributions)
  )
}

type Contributions = MonitoredExplanation['contributions']

function hasSameFeatures(some: Contributions, others: Contributions): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i++) if (some[i]!.feature !== others[i]!.feature) return false
  return true
}
