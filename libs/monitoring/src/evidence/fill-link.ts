import type { DriftSignal } from '@raison/events'

/** What a link may have in braces, and what of a signal comes there. */
const places: Readonly<Record<string, (signal: DriftSignal) => string | number>> = {
  model: ({ modelName }) => modelName,
  version: ({ modelVersion }) => modelVersion,
  baselineKey: ({ baselineKey }) => baselineKey,
  slice: ({ slice }) => slice,
  feature: ({ changes }) => changes[0]!.feature,
  window: ({ window }) => window,
  alarmId: ({ alarmId }) => alarmId,
}

export const linkPlaces: readonly string[] = Object.keys(places)

const inBraces = /\{([\w-]+)\}/g

/** What is in braces and no place of ours, as it stands. */
export function unknownPlaces(template: string): string[] {
  return [...template.matchAll(inBraces)].flatMap(([found, name]) => (linkPlaces.includes(name!) ? [] : [found]))
}

/** A raised signal has the feature that moved most. */
export function fillLink(template: string, signal: DriftSignal): string {
  return template.replace(inBraces, (found, name: string) =>
    Object.hasOwn(places, name) ? encodeURIComponent(places[name]!(signal)) : found,
  )
}
