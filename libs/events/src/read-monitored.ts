import type { FeatureValue } from './decision.ts'
import { Entries } from './entries.ts'
import type { Contribution, Interval } from './explanation.ts'
import type { MonitoredExplanation } from './monitored-explanation.ts'
import {
  readBoolean,
  readBranch,
  readCount,
  readDouble,
  readItems,
  readLong,
  readName,
  readText,
  readWhole,
  skip,
  skipText,
} from './read-avro.ts'

/**
 * Reads what is watched of bytes that schemas/decision-explanation.avsc has written, field by field, and passes over the rest.
 * avsc reads the same; the drift monitor reads more than all other readers together (docs/decisions/0019). Throws where the
 * bytes end before or after the explanation.
 */
export function readMonitored(bytes: Buffer, offset: number): MonitoredExplanation {
  return readWhole(bytes, offset, readFields)
}

function readFields(): MonitoredExplanation {
  const explanationId = readText()
  skipText() // eventId
  const decisionId = readText()
  const decidedAt = readText()
  skipText() // explainedAt
  const status = readName() as MonitoredExplanation['status']
  readItems(skipText, undefined) // reviewReasons
  skipText() // outcome
  skip(double) // score
  const space = readName()
  skip(double) // cutoff
  const adverse = readName() as MonitoredExplanation['adverse']
  const model = { name: readName(), version: readName(), sha256: readName() }
  skipText() // reference.population
  const reference = { sha256: readName() }
  readLong() // reference.rows
  skipText() // catalogueVersion
  skipText() // policyVersion
  const method = readName()
  const budget = { rows: readCount() }
  skipText() // budget.seed
  skipText() // inputHash
  const artefactSha256 = readBranch(2) === 1 ? readName() : undefined
  skipText() // softwareVersion
  skip(2 * double) // baseValue, modelOutput
  const contributions: Contribution[] = []
  readItems(readContribution, contributions)
  const contributionsCut = readBoolean()
  const quality = readQuality()
  readItems(skipReason, undefined)
  readItems(skipCounterfactual, undefined)
  return {
    explanationId,
    decisionId,
    decidedAt,
    status,
    space,
    adverse,
    model,
    reference,
    method,
    budget,
    artefactSha256,
    contributions,
    contributionsCut,
    quality,
  }
}

const double = 8

function readContribution(into: Contribution[]): void {
  const feature = readName()
  const value = readContributionValue()
  const contribution = readDouble()
  into.push({ feature, value, contribution, interval: readInterval() })
}

function readContributionValue(): Contribution['value'] {
  const branch = readBranch(4)
  if (branch < 3) return readValueOf(branch)
  const entries = new Entries<FeatureValue>()
  readItems(readEntry, entries)
  return entries
}

function readEntry(into: Record<string, FeatureValue>): void {
  const name = readName()
  into[name] = readValueOf(readBranch(3))
}

/** Null, a double or a text. */
function readValueOf(branch: number): FeatureValue {
  if (branch === 0) return null
  return branch === 1 ? readDouble() : readText()
}

function readInterval(): Interval | undefined {
  return readBranch(2) === 1 ? { low: readDouble(), high: readDouble() } : undefined
}

function readQuality(): MonitoredExplanation['quality'] {
  skip(double) // additivityGap
  skipOptional(double) // scoreParityGap
  const surrogateFidelity = readBranch(2) === 1 ? readDouble() : undefined
  readBoolean() // topSettled
  return { surrogateFidelity, degraded: readBoolean() }
}

function skipReason(): void {
  skipText() // code
  readLong() // rank
  skipText() // direction
  skip(double) // contribution
  skipOptional(2 * double) // interval
  skip(double) // share
  readItems(skipText, undefined) // features
  skipValue() // value
  skipValue() // referenceValue
  readItems(skipTextEntry, undefined) // texts
  skip(2) // actionable, tieBroken
}

function skipCounterfactual(): void {
  readItems(skipEntry, undefined) // changes
  skip(double) // score
}

function skipEntry(): void {
  skipText()
  skipValue()
}

function skipTextEntry(): void {
  skipText()
  skipText()
}

function skipValue(): void {
  const branch = readBranch(3)
  if (branch === 1) skip(double)
  else if (branch === 2) skipText()
}

function skipOptional(size: number): void {
  if (readBranch(2) === 1) skip(size)
}
