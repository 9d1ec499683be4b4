import { createDecisionDecoder, EventError, type FeatureValue, type RegistryConfig } from '@raison/events'
import { printableLines } from '../printable.ts'
import { openQuarantine } from './cluster.ts'
import { findQuarantined } from './find.ts'
import { describe } from './list.ts'
import type { Quarantined } from './quarantined.ts'

export interface ShowOptions {
  readonly topic?: string
  /** Also the values of features, and bytes that cannot be decoded. */
  readonly values?: boolean
}

/** Prints one record whole, as one JSON object; values of features only when asked for. */
export async function show(position: string, { topic, values = false }: ShowOptions): Promise<void> {
  const quarantine = await openQuarantine(topic, process.env)
  const [record] = (await findQuarantined(quarantine, [position])) as [Quarantined]
  const headers = Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, value.toString()]))
  const content = await readContent(record, quarantine.registry, values)
  console.log(printableLines(JSON.stringify({ ...describe(record), headers, ...content }, undefined, 2)))
}

async function readContent({ value }: Quarantined, registry: RegistryConfig, values: boolean): Promise<object> {
  try {
    const { features, ...decision } = await createDecisionDecoder(registry)(value ?? null)
    return { decision: { ...decision, features: values ? features : namesOf(features) } }
  } catch (error) {
    if (!(error instanceof EventError)) throw error
    const why = { unreadable: { code: error.code, message: error.message } }
    return values ? { ...why, hex: value?.toString('hex') ?? '' } : why
  }
}

function namesOf(features: Readonly<Record<string, FeatureValue>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(features).map(([name, value]) => [name, value === null ? 'null' : typeof value]),
  )
}
