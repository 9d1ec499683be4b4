/** The long test: a seeded random mix of faults over one stream. Ends with status 1 when anything was lost, doubled or out of order. */
import { parseArgs } from 'node:util'
import { startPlatform } from '@raison/local-platform'
import { createRandom } from '@raison/numerics'
import { cases, type FaultCase } from './cases.ts'
import { judge } from './oracle.ts'
import { injectAndRecover, stopAll } from './run-case.ts'
import { openScene, type Scene } from './scene.ts'
import { openStage } from './stage.ts'

const { values } = parseArgs({
  options: {
    decisions: { type: 'string', default: '100000' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
  },
})
const [decisions, minutes, seed] = [Number(values.decisions), Number(values.minutes), Number(values.seed)]
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const platform = await startPlatform({ say, env: process.env })
const stage = await openStage(3, platform.registryUrl, say)
const random = createRandom(seed).uniform
const scene = await openScene(stage, random)
try {
  say(`seed ${seed}: ${decisions} decisions, at most ${minutes} minutes`)
  await scene.start()
  await scene.start()
  const faults = await soak(scene)
  await scene.drained(300_000)
  await stopAll(scene)
  const verdict = await judge(stage.direct, scene.group, scene.topics)
  say(JSON.stringify({ seed, faults, restarts: scene.restarts(), ...verdict }))
  const { lost, doubled, outOfOrder, behind } = verdict
  process.exitCode = lost + doubled + outOfOrder + behind > 0 ? 1 : 0
} finally {
  await scene.close()
  await stage.close()
  await platform.stop()
}

/** Faults until all decisions are sent or the time is over; answers how many. */
async function soak(scene: Scene): Promise<number> {
  const began = performance.now()
  const mixed = cases.filter(({ apart }) => apart !== true)
  const batch = Math.max(200, Math.round(decisions / 100))
  let faults = 0
  for (let sent = 0; sent < decisions && performance.now() - began < minutes * 60_000; sent += batch) {
    const fault = mixed[Math.floor(random() * mixed.length)]!
    const elapsed = (): number => Math.round((performance.now() - began) / 1000)
    const { injected, recovery } = await applyInMix(scene, fault, batch).catch((cause: Error) => {
      throw new Error(`${elapsed()} s, ${fault.name}: ${cause.message}`, { cause })
    })
    faults += injected
    say(`${elapsed()} s, ${sent + batch} decisions: ${fault.name} × ${injected}, recovered in ${recovery.toFixed(1)} s`)
  }
  return faults
}

/** Begins with as many explainers as the case needs. */
async function applyInMix(
  scene: Scene,
  { inject, instances = 1 }: FaultCase,
  batch: number,
): Promise<{ readonly injected: number; readonly recovery: number }> {
  while (scene.explainers.length < Math.max(1, instances)) await scene.start()
  while (scene.explainers.length > 3) await scene.stop(scene.explainers[0]!)
  return injectAndRecover(scene, inject, batch)
}
