import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { registerSchemas } from '@raison/events'
import { expect, onTestFinished, test } from 'vitest'
import { openLine } from './open-line.ts'
import { platformEnvironment, root, watchProcess, type Program } from './run-raison.ts'

const shown = {
  'docs/how-to/publish-decisions.md': 'examples/kafka/publish-decisions.mjs',
  'docs/how-to/read-explanations.md': 'examples/kafka/read-explanations.mjs',
}

test.for(Object.entries(shown))('%s shows %s as it is', ([page, program]) => {
  expect(contentOf(page)).toContain('```js\n' + contentOf(program) + '```\n')
})

test('what the producer of the pages publishes is explained, and their consumer reads it', async () => {
  const line = await openLine('loan-xgboost')
  await registerSchemas({ url: line.registryUrl }, { decisions: line.topics.decisions })
  line.start()
  const env = {
    ...platformEnvironment(),
    RAISON_TOPIC_DECISIONS: line.topics.decisions,
    RAISON_TOPIC_EXPLAINED: line.topics.explained,
  }
  const producer = run('examples/kafka/publish-decisions.mjs', ['examples/loan-demo/decisions.jsonl'], env)
  expect(await producer.ended).toBe(0)
  const consumer = run('examples/kafka/read-explanations.mjs', [], env)
  await consumer.shows(/^LOAN-000003 DECLINED OK\n {2}R02 46 % With the loan requested, 64\.9% of your income/m)
})

function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Program {
  const watched = watchProcess(spawn(process.execPath, [program, ...args], { cwd: root, env }))
  onTestFinished(() => void watched.process.kill('SIGKILL'))
  return watched
}

const contentOf = (file: string): string => readFileSync(`${root}/${file}`, 'utf8')
