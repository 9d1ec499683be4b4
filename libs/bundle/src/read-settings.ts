import * as z from 'zod'
import type { Bundle, Feature } from './bundle.ts'
import { checkNames } from './check-names.ts'
import { readYaml, type YamlValue } from './read-yaml.ts'
import { expected, list, mapping, name, text, texts } from './shapes.ts'

const fileName = (example: string): z.ZodString => text(`a file of the bundle, such as ${example}`)
const oneOf = <const Word extends string>(...words: readonly Word[]): z.ZodType<Word> =>
  z.enum(words, expected(words.join(' | ')))
const flag = z.boolean(expected('true or false')).default(false)

const model = mapping({
  name: text('the name of the model, such as taiwan-default'),
  version: text('the version as text in quotes, such as "2026-11-01"'),
  file: fileName('model.onnx'),
  output: text('the graph output to read, such as probabilities').default('probabilities'),
  column: z
    .int(expected('the column of the output, counted from 0'))
    .min(0, expected('the column of the output, counted from 0'))
    .optional(),
  explain: oneOf('log-odds', 'probability', 'raw').default('log-odds'),
})

const decision = mapping({
  adverse: oneOf('high', 'low'),
  cutoff: z.number(expected("a number in the score's own space, without quotes, such as 0.35")),
})

const size = expected('a whole number of rows, at least 1, such as 100')
const reference = mapping({
  file: fileName('reference.csv'),
  population: oneOf('all', 'approved', 'just-above-cutoff').default('all'),
  size: z.int(size).min(1, size).default(100),
})

const player = mapping({
  name: name('the name of the player', 'address'),
  features: list(name('the name of a feature', 'city_A'), 'the features of the player: [city_A, city_B]'),
})

const codeName = text('the name of the code as text: { "1": male }')
const feature = mapping({
  name: name('the name of the feature', 'LIMIT_BAL'),
  label: texts.optional(),
  unit: text('a unit as text, such as EUR').optional(),
  group: name('the name of a group', 'limit').optional(),
  actionable: flag,
  protected: flag,
  values: z.record(z.string(), codeName, expected('names of codes: { "1": male, "2": female }')).default({}),
})

const training = mapping({
  file: fileName('training.csv'),
  label: name('the column of the label', 'default').optional(),
})

const settings = mapping({
  model,
  decision,
  reference,
  players: z.array(player, expected('a list of players: [{ name: address, features: [city_A, city_B] }]')).default([]),
  features: list(feature, "the features in the order of the model's input: a list of { name: … }"),
  reasons: fileName('reasons.yaml').optional(),
  training: training.optional(),
})

/** bundle.yaml with its defaults filled in; the files it names are still unread. */
export interface BundleSettings {
  readonly model: Omit<Bundle['model'], 'bytes' | 'sha256'>
  readonly decision: Bundle['decision']
  readonly reference: Omit<Bundle['reference'], 'rows'>
  readonly features: readonly Feature[]
  /** Only those that are listed. */
  readonly players: readonly { readonly name: string; readonly features: readonly string[] }[]
  readonly reasons: string | undefined
  readonly training: Bundle['training']
}

/** Names are compared once every line has its form. Throws BundleError BUNDLE_YAML or BUNDLE_INVALID. */
export function readSettings(content: string): YamlValue<BundleSettings> {
  const checked = settings.superRefine((bundle, context) =>
    checkNames(bundle, (path, message) => context.addIssue({ code: 'custom', path: [...path], message })),
  )
  const { value, positionOf } = readYaml('bundle.yaml', content, checked, 'BUNDLE_INVALID')
  return { value: toSettings(value), positionOf }
}

/** What is left out becomes `undefined`, a label the name. */
function toSettings({ model, features, reasons, training, ...rest }: z.infer<typeof settings>): BundleSettings {
  return {
    ...rest,
    model: { ...model, column: model.column },
    features: features.map(toFeature),
    reasons,
    training: training && { ...training, label: training.label },
  }
}

function toFeature({ label, unit, group, values, ...rest }: z.infer<typeof feature>): Feature {
  return { ...rest, label: label ?? { en: rest.name }, unit, group, values: new Map(Object.entries(values)) }
}
