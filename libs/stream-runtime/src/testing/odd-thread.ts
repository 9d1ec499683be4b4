/** A batch thread that copies, and fails where `fault` or a record says so. */
import { workerData } from 'piscina'
import { answerBatches, type AnswerBatch } from '../threads/answer-batches.ts'
import type { Processor } from '../processor.ts'
import { copyProcessor } from './stream-fixture.ts'

export type Fault = 'none' | 'refuses' | 'never opens' | 'throws on import' | 'exits while opening'

const { fault } = workerData as { readonly fault: Fault }
if (fault === 'throws on import') throw new Error('no such module')

const copy = copyProcessor({ output: 'out', quarantine: 'quarantine' })

/** What a record asks for, it does. */
const processor: Processor<string, string> = {
  ...copy,
  async process(events) {
    if (events.includes('exit')) process.exit(3)
    if (events.includes('reject later')) void Promise.resolve().then(() => Promise.reject(new Error('forgotten')))
    if (events.includes('later')) throw new RangeError('away')
    return copy.process(events)
  },
  isRetryable: (error) => error instanceof RangeError,
}

async function open(): Promise<Processor<string, string>> {
  if (fault === 'exits while opening') process.exit(4)
  if (fault === 'never opens') await new Promise(() => setInterval(() => undefined, 1000))
  if (fault === 'refuses') throw Object.assign(new Error('twins'), { code: 'CONFIG_INVALID' })
  return processor
}

const answer: AnswerBatch = answerBatches(open())
export default answer
