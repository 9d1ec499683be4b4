/**
 * A process that copies a stream and stalls at one commit, its outputs and its position already in the transaction:
 * it says so on stdout, and goes on with the commit when it reads a line. Argument: { config, output, quarantine, stallAt } as JSON.
 */
import { once } from 'node:events'
import { openKafka } from '../kafkajs/kafkajs-port.ts'
import { runProcessor } from '../run-processor.ts'
import { withCommit } from './faulty-port.ts'
import { copyProcessor, silent } from './stream-fixture.ts'

const { config, output, quarantine, stallAt } = JSON.parse(process.argv[2]!)
let commits = 0
const kafka = withCommit(openKafka(config, silent), async (commit) => {
  if (++commits === stallAt) {
    process.stdout.write('stalled\n')
    await once(process.stdin, 'data')
  }
  await commit()
})
await runProcessor(copyProcessor({ output, quarantine }), kafka, { logger: silent, maxBatch: 100 }).done
