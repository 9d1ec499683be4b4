export { ReasonError, reasonErrorCodes, type ReasonErrorCode } from './errors.ts'
export type {
  Catalogue,
  CatalogueReason,
  FeatureDisplay,
  PlayerContribution,
  Reason,
  ReasonPolicy,
  SelectReasons,
} from './reasons.ts'
export { selectReasons } from './select-reasons.ts'
