export type { Surrogate } from './surrogate.ts'
