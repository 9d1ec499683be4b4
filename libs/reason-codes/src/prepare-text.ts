import type { CataloguePlayer, FeatureDisplay } from './reasons.ts'

/** Writes a text for one row, in the order of the reference's means; NaN = missing. */
export type Write = (row: Float32Array) => string

/** How a language writes what a template leaves open. */
interface Writing {
  readonly language: string
  readonly number: (value: number) => string
  readonly missing: string
  readonly none: string
  readonly beforePercent: string
}

/** Two decimals, or two significant digits where that says more: 1,234.57 and 0.0012. */
const numberFormat = {
  maximumFractionDigits: 2,
  maximumSignificantDigits: 2,
  roundingPriority: 'morePrecision',
  signDisplay: 'negative',
} as const

// A unit stays on the line of its number; lists are parted by semicolons, as French numbers contain commas.
const noBreak = '\u00a0'
const listed = '; '

const english: Writing = {
  language: 'en',
  number: numbersOf('en-GB'),
  missing: 'not given',
  none: 'none',
  beforePercent: '',
}
const french: Writing = {
  language: 'fr',
  number: numbersOf('fr-FR'),
  missing: 'non renseigné',
  none: 'aucun',
  beforePercent: noBreak,
}
const writings: Readonly<Record<string, Writing>> = { en: english, fr: french }

/**
 * Fills {label} {value} {reference} {unit} of the template in `language`, or of the English one where there is none.
 * A unit follows its value, unless the template places {unit} itself. Only {value} waits for the row.
 */
export function prepareText(
  templates: Readonly<Record<string, string>>,
  language: string,
  players: readonly CataloguePlayer[],
  means: Float64Array,
): Write {
  const writing = templates[language] === undefined ? english : (writings[language] ?? { ...english, language })
  const template = templates[writing.language] ?? ''
  const withUnit = !template.includes('{unit}')
  const fillConstants = (text: string): string =>
    text.replace(/\{(label|reference|unit)\}/g, (_, placeholder: string) => {
      if (placeholder === 'label') return players.map((player) => labelOf(player, writing)).join(listed)
      if (placeholder === 'unit') return players[0]?.features[0]?.unit ?? ''
      return writeParts(players, writing, (player) => writeReference(player, means, writing, withUnit))
    })
  const [first, ...others] = template.split('{value}').map(fillConstants)
  if (others.length === 0) return () => first!
  const value = prepareValue(players, writing, withUnit)
  return (row) => {
    const written = value(row)
    return others.reduce((text, piece) => text + written + piece, first!)
  }
}

/** A player of several features has a name only; the features have labels. */
function labelOf({ name, features }: CataloguePlayer, writing: Writing): string {
  return features.length === 1 ? featureLabel(features[0]!, writing) : name
}

function featureLabel({ label, name }: FeatureDisplay, { language }: Writing): string {
  return label[language] ?? label['en'] ?? name
}

function writeParts(
  players: readonly CataloguePlayer[],
  writing: Writing,
  write: (player: CataloguePlayer) => string,
): string {
  if (players.length === 1) return write(players[0]!)
  return players.map((player) => `${labelOf(player, writing)} ${write(player)}`).join(listed)
}

/** Most reasons are about one value: they get the short way. */
function prepareValue(players: readonly CataloguePlayer[], writing: Writing, withUnit: boolean): Write {
  const [player] = players
  if (players.length === 1 && player!.features.length === 1) {
    const feature = player!.features[0]!
    const column = player!.columns[0]!
    return (row) => writeCode(feature, row[column]!, writing, withUnit)
  }
  return (row) => writeParts(players, writing, (part) => writeValues(part, row, writing, withUnit))
}

function writeValues(player: CataloguePlayer, row: Float32Array, writing: Writing, withUnit: boolean): string {
  const values = player.columns.map((column) => row[column]!)
  const { features } = player
  if (values.every(Number.isNaN)) return writing.missing
  if (features.length === 1) return writeCode(features[0]!, values[0]!, writing, withUnit)
  if (values.every(isFlag)) return writeActive(features, values, writing)
  return features
    .map((f, i) => `${featureLabel(f, writing)} ${writeCode(f, values[i]!, writing, withUnit)}`)
    .join(listed)
}

function isFlag(value: number): boolean {
  return value === 0 || value === 1 || Number.isNaN(value)
}

/** One-hot columns: the members that are on. */
function writeActive(features: readonly FeatureDisplay[], values: readonly number[], writing: Writing): string {
  const active = features.filter((_, i) => values[i] === 1)
  return active.length === 0 ? writing.none : active.map((feature) => featureLabel(feature, writing)).join(listed)
}

function writeCode(feature: FeatureDisplay, value: number, writing: Writing, withUnit: boolean): string {
  const code = feature.values.size > 0 ? feature.values.get(String(value)) : undefined
  return code ?? writeNumber(feature, value, writing, withUnit)
}

/** A mean is no code: it stays a number even where it falls on one. */
function writeReference(
  { features, columns }: CataloguePlayer,
  means: Float64Array,
  writing: Writing,
  withUnit: boolean,
): string {
  if (features.length === 1) return writeNumber(features[0]!, means[columns[0]!]!, writing, withUnit)
  return features
    .map((f, i) => `${featureLabel(f, writing)} ${writeNumber(f, means[columns[i]!]!, writing, withUnit)}`)
    .join(listed)
}

function writeNumber({ unit }: FeatureDisplay, value: number, writing: Writing, withUnit: boolean): string {
  if (Number.isNaN(value)) return writing.missing
  const number = writing.number(value)
  if (unit === undefined || !withUnit) return number
  return `${number}${unit === '%' ? writing.beforePercent : noBreak}${unit}`
}

/** Intl takes 3 µs a number, and means, codes and ages come again in every decision: they are written once. */
function numbersOf(locale: string): (value: number) => string {
  const numbers = new Intl.NumberFormat(locale, numberFormat)
  const written = new Map<number, string>()
  return (value) => {
    const known = written.get(value)
    if (known !== undefined) return known
    if (written.size >= 10_000) written.clear()
    const text = numbers.format(value)
    written.set(value, text)
    return text
  }
}
