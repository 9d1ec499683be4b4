import { rowWidth, type Adverse } from '@raison/drift'
import type { MonitoredExplanation } from '@raison/events'
import { qualityKeyOf, qualityNames, qualityOf, rowInto } from '@raison/monitoring'
import type { KeyedExplanation } from './read-explanations.ts'
import { addRow, newRows, type Rows } from './rows.ts'

/** The explanations of a baseline's file. */
export interface References {
  readonly sliceBy: readonly string[]
  readonly byKey: Map<string, Reference>
  /** The quality of those that are degraded, by its key: how they were explained is not how their model mostly is. */
  readonly degraded: Map<string, Rows>
}

export interface Reference {
  readonly example: MonitoredExplanation
  readonly features: readonly string[]
  readonly adverse: Adverse
  /** As `fitBaseline` takes them. */
  readonly reasons: Rows
  readonly quality: Rows
}

export function newReferences(sliceBy: readonly string[]): References {
  return { sliceBy, byKey: new Map(), degraded: new Map() }
}

export function addTo({ sliceBy, byKey, degraded }: References, { key, explanation }: KeyedExplanation): void {
  if (explanation.quality.degraded) {
    const qualityKey = qualityKeyOf(explanation)
    const quality = degraded.get(qualityKey) ?? newQuality(sliceBy)
    degraded.set(qualityKey, quality)
    addQuality(quality, explanation)
  } else {
    const reference = byKey.get(key) ?? newReference(explanation, sliceBy)
    byKey.set(key, reference)
    addRow(reference.reasons, explanation, (row) => rowInto(explanation, reference.features, row))
    addQuality(reference.quality, explanation)
  }
}

/** Its own quality, and that of what is degraded: which of several methods that stands in for, nothing says. */
export function qualitiesOf({ degraded }: References, { example, quality }: Reference): Rows[] {
  const instead = degraded.get(qualityKeyOf(example))
  return instead === undefined ? [quality] : [quality, instead]
}

function newReference(example: MonitoredExplanation, sliceBy: readonly string[]): Reference {
  const { adverse, contributions } = example
  return {
    example,
    features: contributions.map(({ feature }) => feature),
    adverse,
    reasons: newRows(rowWidth(contributions.length, adverse), sliceBy),
    quality: newQuality(sliceBy),
  }
}

function newQuality(sliceBy: readonly string[]): Rows {
  return newRows(qualityNames.length, sliceBy)
}

function addQuality(quality: Rows, explanation: MonitoredExplanation): void {
  addRow(quality, explanation, (row) => row.set(qualityOf(explanation)))
}
