/** A thread of the explainer: bundles, codecs and explanations; Kafka stays on the main thread. */
import { workerData } from 'node:worker_threads'
import { createLog, describeError } from '@raison/service-kit'
import { answerBatches, type AnswerBatch, type Processor } from '@raison/stream-runtime'
import type { DecisionExplanation } from '@raison/events'
import type { DecisionAt } from '@raison/explaining'
import type { Logger } from 'pino'
import { openShelf, type BundleShelf } from './bundle-shelf.ts'
import { openCodecs } from './codecs.ts'
import type { ExplainerConfig } from './config.ts'
import { openExplainedNews } from './explained-news.ts'
import { fitBundles } from './fit-bundles.ts'
import { openBundleNews } from './problems.ts'
import { createProcessor } from './processor.ts'

const answer: AnswerBatch = answerBatches(openProcessor(workerData as ExplainerConfig))
export default answer

async function openProcessor(config: ExplainerConfig): Promise<Processor<DecisionAt, DecisionExplanation>> {
  const log = createLog('explainer', config.logLevel)
  const tell = openBundleNews()
  const tellExplained = openExplainedNews()
  const fit = fitBundles(config, log, tell, tellExplained)
  const shelf = await openShelf(config.bundles, log, fit, tell, (artefact) => tellExplained({ methods: [], artefact }))
  lookAgain(shelf, log)
  const codecs = await openCodecs(config, log)
  const { topics, contributions, unknownModel } = config
  const { holdSeconds } = unknownModel
  return createProcessor({ topics, contributions, holdSeconds, codecs, shelf, now: Date.now, tell: tellExplained })
}

const lookForBundlesMs = 1000

/** One look at a time: opening a large bundle may take longer than the interval. */
function lookAgain(shelf: BundleShelf, log: Logger): void {
  let busy = false
  const look = async (): Promise<void> => {
    if (busy) return
    busy = true
    await shelf
      .refresh()
      .catch((error: Error) => log.error({ reason: describeError(error).message }, 'bundles could not be looked at'))
    busy = false
  }
  setInterval(() => void look(), lookForBundlesMs)
}
