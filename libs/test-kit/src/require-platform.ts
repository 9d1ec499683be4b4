import { inject } from 'vitest'
import './provided-context.ts'

// Vitest setup file: a test file that needs the shared platform does not begin without it.
const failure = inject('platformFailure')
if (failure !== undefined) throw new Error(`no broker and registry: ${failure}`)
