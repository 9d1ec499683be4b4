export type { Bundle, BundlePlayer, CatalogueEntry, Feature, NumberTable, Texts } from './bundle.ts'
export { BundleError, bundleErrorCodes, type BundleErrorCode, type BundleProblem } from './errors.ts'
export { readBundle } from './read-bundle.ts'
export { readTraining } from './read-training.ts'
