export type { OutputRecord, Processor, RawRecord, Result } from './processor.ts'
