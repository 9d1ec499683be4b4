export { prepareReasons } from './prepare-reasons.ts'
export { ReasonError, reasonErrorCodes, type ReasonErrorCode } from './reason-error.ts'
export type {
  Catalogue,
  CataloguePlayer,
  CatalogueReason,
  FeatureDisplay,
  Reason,
  ReasonPolicy,
  SelectReasons,
} from './reasons.ts'
