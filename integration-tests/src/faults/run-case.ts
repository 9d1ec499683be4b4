import type { FaultCase } from './cases.ts'
import { judge, type Verdict } from './oracle.ts'
import { openScene, type Scene } from './scene.ts'
import type { Stage } from './stage.ts'

/** What one run of one case has shown. */
export interface CaseResult extends Verdict {
  readonly case: string
  /** Nothing lost, doubled, out of order or behind, and set aside what had to be and no more. */
  readonly faultless: boolean
  readonly injected: number
  /** Seconds from the fault's end to the next committed output. */
  readonly recovery: number
  /** Explainers that ended by themselves and were started anew. */
  readonly restarts: number
}

/** `decisions` lie there before the fault and as many come after it, beside what the fault sends itself. */
export async function runCase(
  { name, inject, instances = 1, settings = {}, quarantines = 0 }: FaultCase,
  stage: Stage,
  random: () => number,
  decisions: number,
): Promise<CaseResult> {
  const scene = await openScene(stage, random, settings)
  try {
    await scene.send(decisions)
    for (let k = 0; k < instances; k++) await scene.start()
    if (instances > 0) await scene.committed(1)
    const { injected, recovery } = await injectAndRecover(scene, inject, decisions)
    await scene.drained(120_000)
    await stopAll(scene)
    const verdict = await judge(stage.direct, scene.group, scene.topics)
    const { lost, doubled, outOfOrder, behind, quarantined } = verdict
    const asAsked = quarantines === 'any' || quarantined === quarantines
    const faultless = asAsked && lost + doubled + outOfOrder + behind === 0
    return { case: name, faultless, injected, recovery, restarts: scene.restarts(), ...verdict }
  } finally {
    await scene.close()
  }
}

/** The fault, then fresh decisions until one is committed. */
export async function injectAndRecover(
  scene: Scene,
  inject: FaultCase['inject'],
  decisions: number,
): Promise<{ readonly injected: number; readonly recovery: number }> {
  const injected = (await inject(scene)) ?? 1
  const end = performance.now()
  const recovered = scene.committed(1).then(() => (performance.now() - end) / 1000)
  await Promise.all([recovered, scene.send(decisions)])
  return { injected, recovery: await recovered }
}

/** Orderly: every one ends with status 0. */
export async function stopAll(scene: Scene): Promise<void> {
  const statuses = await Promise.all([...scene.explainers].map((explainer) => scene.stop(explainer)))
  if (statuses.some((status) => status !== 0)) throw new Error(`explainers told to end ended with ${statuses}, not 0`)
}
