export type { Catalogue, CatalogueReason, FeatureDisplay, PlayerContribution, Reason, ReasonPolicy } from './reasons.ts'
