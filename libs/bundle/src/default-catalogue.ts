import type { Bundle, CatalogueEntry, Feature, Texts } from './bundle.ts'
import type { Subjects } from './read-catalogue.ts'

type Population = Bundle['reference']['population']

/** Whose mean {reference} is: true for each population, and readable by the applicant. */
const english: Readonly<Record<Population, string>> = {
  all: 'average of applicants',
  approved: 'average of accepted applicants',
  'just-above-cutoff': 'average of applicants who were only just accepted',
}
const french: Readonly<Record<Population, string>> = {
  all: 'moyenne des demandeurs',
  approved: 'moyenne des demandeurs acceptés',
  'just-above-cutoff': 'moyenne des demandeurs acceptés de justesse',
}

/** One code per player, named as it is, in English and every language that a label has. */
export function defaultCatalogue({ features, players }: Subjects, population: Population): Bundle['catalogue'] {
  const inFrench = features.some(({ label }) => label['fr'] !== undefined)
  const entries = players.map(({ name, features: held }, index): CatalogueEntry => {
    const [feature, ...others] = held.map((one) => features[one]!)
    const hasMean = others.length === 0 && isQuantity(feature!)
    const texts = hasMean ? withMean(population) : withoutMean
    return { code: name, players: [index], direction: undefined, texts: inFrench ? texts : { en: texts['en']! } }
  })
  return { version: 'default-1', entries }
}

/** The mean of codes or of one-hot columns would tell an applicant nothing. */
function isQuantity({ values }: Feature): boolean {
  return values.size === 0
}

/** In French a no-break space stands before the colon. */
const withoutMean: Texts = { en: '{label}: {value}', fr: '{label}\u00a0: {value}' }

function withMean(population: Population): Texts {
  return {
    en: `${withoutMean['en']} (${english[population]}: {reference})`,
    fr: `${withoutMean['fr']} (${french[population]}\u00a0: {reference})`,
  }
}
