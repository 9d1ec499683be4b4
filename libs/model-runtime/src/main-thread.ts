/** For the main thread of a process whose threads score, before it starts them; all of the package would load what only they need. */
import './no-telemetry.ts'

export { endNativeCalls } from './native-calls.ts'
