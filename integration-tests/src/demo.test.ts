import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { platformEnvironment, startRaison, type Program } from './run-raison.ts'

test('the demo shows as many decisions as asked for, in French, and ends by itself', async () => {
  const demo = startDemo(['--decisions', '3', '--rate', '20', '--lang', 'fr'])
  expect(await demo.ended).toBe(0)
  expect(demo.stdout().match(/LOAN-\d{6}/g)).toHaveLength(3)
  expect(demo.stdout()).toMatch(/REFUSÉ|ACCEPTÉ/)
  expect(demo.stdout()).toMatch(/ {3}1\. █+ +\d+\s%/)
})

test('the demo ends cleanly on Ctrl-C', async () => {
  const demo = startDemo(['--rate', '20'])
  await demo.shows(/LOAN-/)
  demo.process.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(demo.stderr()).not.toMatch(/error|\n\s+at /i)
})

test('Ctrl-C ends the demo at once while broker and registry are still on their way', async () => {
  const demo = startDemo([], await machineWithEndlessDownload())
  await demo.shows(/^fetching Kafka/m)
  demo.process.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(demo.stdout()).toBe('')
  expect(demo.stderr()).toMatch(/stopping\n$/)
})

function startDemo(args: readonly string[], env = platformEnvironment()): Program {
  const demo = startRaison(['demo', ...args], env)
  onTestFinished(() => void demo.process.kill('SIGKILL'))
  return demo
}

/** No Docker, an empty cache, and a Maven that is never done, but ends with who called it. */
async function machineWithEndlessDownload(): Promise<NodeJS.ProcessEnv> {
  const home = await mkdtemp(join(tmpdir(), 'raison-demo-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  await mkdir(join(home, 'bin'))
  await writeFile(join(home, 'release'), 'JAVA_VERSION="21"\n')
  await writeFile(join(home, 'bin', 'mvn'), '#!/bin/sh\nwhile kill -0 $PPID; do sleep 0.1; done 2>/dev/null\n')
  await chmod(join(home, 'bin', 'mvn'), 0o755)
  return {
    PATH: join(home, 'bin') + delimiter + process.env['PATH'],
    HOME: home,
    TMPDIR: home,
    JAVA_HOME: home,
    DOCKER_HOST: 'tcp://127.0.0.1:1',
  }
}
