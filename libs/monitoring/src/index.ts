export { baselineIdentityOf, baselineKeyOf, type BaselineIdentity } from './baseline-key.ts'
export { combineWindows, type Combine, type CombineResult } from './evidence/combine-windows.ts'
export { linkPlaces, unknownPlaces } from './evidence/fill-link.ts'
export type { ClosedWindow } from './evidence/group.ts'
export type { FindBaseline } from './evidence/groups.ts'
export type { EvidenceSettings } from './evidence/settings.ts'
export type { Watched } from './evidence/signal.ts'
export { joinValues } from './evidence/window-part.ts'
export { MonitoringError, monitoringErrorCodes, type MonitoringErrorCode } from './monitoring-error.ts'
export { parseExplanation } from './parse-explanation.ts'
export { fitQuality, qualityKeyOf, qualityNames, qualityOf } from './quality.ts'
export { numberFor, rowInto } from './row.ts'
export { checkSlices, type EmptySlice } from './windows/check-slices.ts'
export {
  countPartition,
  type CountedPartition,
  type CountResult,
  type TimedExplanation,
} from './windows/count-partition.ts'
export type { CountSettings } from './windows/settings.ts'
export { findValue, isIn, mostSlices, valuedFeatures, type SliceRule } from './windows/slices.ts'
export type { Table } from './windows/table.ts'
