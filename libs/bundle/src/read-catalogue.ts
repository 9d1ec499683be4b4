import * as z from 'zod'
import type { Bundle, BundlePlayer, CatalogueEntry, Feature } from './bundle.ts'
import type { Ill } from './check-names.ts'
import { readYaml } from './read-yaml.ts'
import { expected, list, mapping, name, text, texts } from './shapes.ts'

/** What a catalogue is about. */
export interface Subjects {
  readonly features: readonly Feature[]
  readonly players: readonly BundlePlayer[]
}

const entryShape = mapping({
  code: name('the code of the reason', '"17"'),
  feature: name('the name of a feature', 'LIMIT_BAL').optional(),
  group: name('the name of a group', 'limit').optional(),
  player: name('the name of a player', 'address').optional(),
  direction: z.enum(['above', 'below'], expected('above | below')).optional(),
  text: texts,
})
const catalogueShape = mapping({
  version: text('the version as text in quotes, such as "2026-11-01"'),
  reasons: list(entryShape, 'a list of reasons: { code: R01, feature: LIMIT_BAL, text: { en: …, fr: … } }'),
})
type Entry = z.infer<typeof entryShape>

const placeholders = ['label', 'value', 'reference', 'unit']

/** reasons.yaml, its names looked up among the bundle's. Throws BundleError REASONS_INVALID. */
export function readCatalogue(file: string, content: string, subjects: Subjects): Bundle['catalogue'] {
  const checked = catalogueShape.superRefine(({ reasons }, context) => {
    const ill: Ill = (path, message) => context.addIssue({ code: 'custom', path: ['reasons', ...path], message })
    const codes = reasons.map(({ code }) => code)
    reasons.forEach((entry, i) => {
      const first = codes.indexOf(entry.code)
      if (first < i) ill([i, 'code'], `${entry.code} is reason ${first + 1} already; give each reason its own code`)
      checkEntry(entry, subjects, (path, message) => ill([i, ...path], message))
    })
  })
  const { version, reasons } = readYaml(file, content, checked, 'REASONS_INVALID').value
  return { version, entries: reasons.map((entry) => toEntry(entry, subjects)) }
}

function checkEntry(entry: Entry, subjects: Subjects, ill: Ill): void {
  const named = (['feature', 'group', 'player'] as const).filter((kind) => entry[kind] !== undefined)
  if (named.length !== 1)
    return ill([], `expected one of feature | group | player, found ${named.join(' and ') || 'none'}`)
  const kind = named[0]!
  const players = playersOf(entry, subjects)
  if (players.length === 0) return ill([kind], whyNoPlayer(kind, entry[kind]!, subjects))

  const features = featuresOf(players, subjects)
  const apart = kind === 'group' ? features.find(({ group }) => group !== entry.group) : undefined
  if (apart !== undefined)
    ill([kind], `${apart.name} is explained with features of this group; give it the group ${entry.group} too`)
  if (entry.direction !== undefined && features.length > 1)
    ill(['direction'], `several features have no side; leave direction out, or name a single feature`)
  checkTemplates(entry, features, ill)
}

/** Players by index. A feature stands for the player that holds it alone; a group for all that hold one of its features. */
function playersOf({ feature, group, player }: Entry, { features, players }: Subjects): number[] {
  const holds = (candidate: BundlePlayer): boolean => {
    if (player !== undefined) return candidate.name === player
    const held = candidate.features.map((index) => features[index]!)
    if (feature !== undefined) return held.length === 1 && held[0]!.name === feature
    return held.some((one) => one.group === group)
  }
  return [...players.keys()].filter((index) => holds(players[index]!))
}

function whyNoPlayer(kind: 'feature' | 'group' | 'player', wanted: string, { features, players }: Subjects): string {
  const index = features.findIndex((feature) => feature.name === wanted)
  const holder = players.find((player) => player.features.includes(index))
  if (kind === 'group') return `no feature of bundle.yaml has the group ${wanted}; add \`group: ${wanted}\` there`
  if (holder === undefined) return `bundle.yaml has no ${kind} ${wanted}; write a name that stands there`
  return `${wanted} is explained as part of the player ${holder.name}; write \`player: ${holder.name}\``
}

function featuresOf(players: readonly number[], { features, players: all }: Subjects): Feature[] {
  return players.flatMap((player) => all[player]!.features).map((feature) => features[feature]!)
}

function checkTemplates({ text }: Entry, features: readonly Feature[], ill: Ill): void {
  for (const [language, template] of Object.entries(text))
    for (const [written, placeholder] of template.matchAll(/\{([^{}]*)\}/g)) {
      if (!placeholders.includes(placeholder!))
        ill(['text', language], `${written} stands for nothing; use ${placeholders.map((p) => `{${p}}`).join(' ')}`)
      else if (
        placeholder === 'unit' &&
        (features[0]!.unit === undefined || new Set(features.map((f) => f.unit)).size > 1)
      )
        ill(
          ['text', language],
          `{unit}: there is no unit common to ${nameAll(features)}; add it in bundle.yaml, or leave {unit} out`,
        )
    }
}

function toEntry(entry: Entry, subjects: Subjects): CatalogueEntry {
  return { code: entry.code, players: playersOf(entry, subjects), direction: entry.direction, texts: entry.text }
}

/** What the catalogue leaves unsaid, each with its remedy. The default catalogue (no file) leaves nothing. */
export function warnOfGaps(
  file: string | undefined,
  entries: readonly CatalogueEntry[],
  players: readonly BundlePlayer[],
): string[] {
  const told = new Set(entries.flatMap((entry) => entry.players))
  const always = new Set(entries.filter(({ direction }) => direction === undefined).flatMap((entry) => entry.players))
  const untold = players.filter((_, index) => !told.has(index))
  const oneSided = players.filter((_, index) => told.has(index) && !always.has(index))
  const warnings: string[] = []
  if (untold.length > 0)
    warnings.push(
      `${file}: no reason covers ${nameAll(untold)}: an applicant they hurt is not told; add a reason for each`,
    )
  if (oneSided.length > 0)
    warnings.push(
      `${file}: every reason for ${nameAll(oneSided)} has a direction, and a missing value has none; add one without direction below`,
    )
  return warnings
}

function nameAll(named: readonly { readonly name: string }[]): string {
  return named.map(({ name }) => name).join(', ')
}
