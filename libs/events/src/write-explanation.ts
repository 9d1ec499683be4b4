import type { FeatureValue } from './decision.ts'
import type { Contribution, DecisionExplanation, ExplanationReason, Interval } from './explanation.ts'
import { writeBoolean, writeDouble, writeLong, writeName, writeRemembered, writeText } from './write-avro.ts'

/**
 * Writes schemas/decision-explanation.avsc field by field. avsc writes the same bytes; this is the one place where that is
 * too slow: explanations are most of what the service writes (docs/decisions/0011).
 */
export function writeExplanation(explanation: DecisionExplanation): void {
  const { quality } = explanation
  writeText(explanation.explanationId)
  writeText(explanation.eventId)
  writeText(explanation.decisionId)
  writeText(explanation.decidedAt)
  writeText(explanation.explainedAt)
  writeName(explanation.status)
  writeItems(explanation.reviewReasons, writeText)
  writeText(explanation.outcome)
  writeDouble(explanation.score)
  writeName(explanation.space)
  writeDouble(explanation.cutoff)
  writeName(explanation.adverse)
  writeRemembered(explanation.model, writeModel)
  writeRemembered(explanation.reference, writeReference)
  writeName(explanation.catalogueVersion)
  writeName(explanation.policyVersion)
  writeName(explanation.method)
  writeBudget(explanation.budget)
  writeText(explanation.inputHash)
  writeOptional(explanation.artefactSha256, writeText)
  writeName(explanation.softwareVersion)
  writeDouble(explanation.baseValue)
  writeDouble(explanation.modelOutput)
  writeItems(explanation.contributions, writeContribution)
  writeBoolean(explanation.contributionsCut)
  writeDouble(quality.additivityGap)
  writeOptional(quality.scoreParityGap, writeDouble)
  writeOptional(quality.surrogateFidelity, writeDouble)
  writeBoolean(quality.topSettled)
  writeBoolean(quality.degraded)
  writeItems(explanation.reasons, writeReason)
  writeItems(noCounterfactuals, writeText)
}

function writeModel({ name, version, sha256 }: DecisionExplanation['model']): void {
  writeText(name)
  writeText(version)
  writeText(sha256)
}

function writeReference({ population, sha256, rows }: DecisionExplanation['reference']): void {
  writeText(population)
  writeText(sha256)
  writeLong(rows)
}

function writeBudget({ rows, seed }: DecisionExplanation['budget']): void {
  writeLong(rows)
  writeText(seed)
}

/** Reserved: nothing writes them yet. */
const noCounterfactuals: readonly string[] = []

function writeContribution({ feature, value, contribution, interval }: Contribution): void {
  writeName(feature)
  if (typeof value === 'object' && value !== null) {
    writeLong(3)
    writeEntries(value, writeValue)
  } else writeValue(value)
  writeDouble(contribution)
  writeOptional(interval, writeInterval)
}

function writeReason(reason: ExplanationReason): void {
  writeName(reason.code)
  writeLong(reason.rank)
  writeName(reason.direction)
  writeDouble(reason.contribution)
  writeOptional(reason.interval, writeInterval)
  writeDouble(reason.share)
  writeRemembered(reason.features, writeFeatures)
  writeValue(reason.value)
  writeValue(reason.referenceValue)
  writeRemembered(reason.texts, writeTexts)
  writeBoolean(reason.actionable)
  writeBoolean(reason.tieBroken)
}

function writeFeatures(features: readonly string[]): void {
  writeItems(features, writeText)
}

function writeTexts(texts: Readonly<Record<string, string>>): void {
  writeEntries(texts, writeText)
}

function writeInterval({ low, high }: Interval): void {
  writeDouble(low)
  writeDouble(high)
}

/** Union of null, double and string. */
function writeValue(value: FeatureValue): void {
  if (typeof value === 'number') {
    writeLong(1)
    writeDouble(value)
  } else if (typeof value === 'string') {
    writeLong(2)
    writeText(value)
  } else writeLong(0)
}

/** Union of null and one type. */
function writeOptional<T>(value: T | undefined, write: (value: T) => void): void {
  writeLong(value === undefined ? 0 : 1)
  if (value !== undefined) write(value)
}

/** An array: one block, and the count 0 that ends it. */
function writeItems<T>(items: readonly T[], write: (item: T) => void): void {
  if (items.length > 0) {
    writeLong(items.length)
    for (let i = 0; i < items.length; i++) write(items[i]!)
  }
  writeLong(0)
}

/** A map likewise. */
function writeEntries<T>(entries: Readonly<Record<string, T>>, write: (value: T) => void): void {
  const names = Object.keys(entries)
  if (names.length > 0) {
    writeLong(names.length)
    for (const name of names) {
      writeName(name)
      write(entries[name]!)
    }
  }
  writeLong(0)
}
