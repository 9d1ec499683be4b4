export type { Bundle, BundlePlayer, CatalogueEntry, Feature, NumberTable, Texts } from './bundle.ts'
