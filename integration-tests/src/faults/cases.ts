import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ExplainerProcess } from './explainer-process.ts'
import { api, isCommit, isCommitted, type Frame } from './kafka-proxy.ts'
import { sessionMs, transactionMs, type Scene, type SceneSettings } from './scene.ts'

/** One fault, as a row of the table. */
export interface FaultCase {
  readonly name: string
  /** What is done, for the reader of the table. */
  readonly injects: string
  readonly brokers?: 1 | 3
  /** Explainers at the start; 0 where the fault starts them. */
  readonly instances?: 0 | 1 | 2
  readonly settings?: SceneSettings
  /** Too long for every run: only in the report and in the soak. */
  readonly long?: true
  /** Needs a scene of its own: not in the soak. */
  readonly apart?: true
  /** Records that must be set aside, and no others; 0 unless said, `any` where sizes decide. */
  readonly quarantines?: number | 'any'
  /** Does it under load, and resolves when it is over; answers how many times it was done, once unless said. */
  readonly inject: (scene: Scene) => Promise<number | void>
}

const response = (key: number) => (frame: Frame) => frame.kind === 'response' && frame.api === key
const request = (key: number) => (frame: Frame) => frame.kind === 'request' && frame.api === key
const records = (frame: Frame): boolean => response(api.fetch)(frame) && frame.bytes.length > 2000

export const cases: readonly FaultCase[] = [
  {
    name: 'kill -9 after poll',
    injects: 'kill when records have been fetched',
    long: true,
    inject: killAt(records),
  },
  {
    name: 'kill -9 mid-explain',
    injects: 'kill a few milliseconds after records have reached the explainer',
    long: true,
    inject: killAt(records, { afterMs: 30 }),
  },
  {
    name: 'kill -9 after produce',
    injects: 'kill when outputs are written, before the answer',
    inject: killAt(response(api.produce)),
  },
  {
    name: 'kill -9 after sendOffsets',
    injects: 'kill when the positions are in the transaction, before the answer',
    long: true,
    inject: killAt(response(api.txnOffsetCommit)),
  },
  {
    name: 'kill -9 before commit',
    injects: 'kill when the commit is asked for; it never arrives',
    inject: killAt((frame) => frame.kind === 'request' && isCommit(frame)),
  },
  {
    name: 'kill -9 after commit',
    injects: 'kill when the commit is done, before the answer',
    inject: killAt(isCommitted),
  },
  {
    name: 'zombie',
    injects:
      'SIGSTOP when outputs are written and not committed, until a second explainer has taken over, then SIGCONT',
    instances: 2,
    async inject(scene) {
      const zombie = scene.explainers[0]!
      await atFrame(scene, zombie, response(api.produce), () => {
        zombie.process.kill('SIGSTOP')
      })
      await pause(sessionMs + 2000)
      await scene.send(1000)
      await scene.committed(1)
      zombie.process.kill('SIGCONT')
    },
  },
  {
    name: 'commit answered late',
    injects: 'the answer to a commit is held for 5 s',
    long: true,
    async inject(scene) {
      await atFrame(scene, scene.explainers[0]!, isCommitted, () => pause(5000))
    },
  },
  {
    name: 'commit answer lost',
    injects: 'the connection is cut instead of the answer to a commit, five times',
    inject: cutAt(isCommitted, 5),
  },
  {
    name: 'commit request lost',
    injects: 'the connection is cut instead of passing a commit on, five times',
    long: true,
    inject: cutAt((frame) => frame.kind === 'request' && isCommit(frame), 5),
  },
  {
    name: 'cut mid-produce',
    injects: 'the connection is cut before, then after outputs are written, five times each',
    long: true,
    async inject(scene) {
      const before = await cutAt(request(api.produce), 5)(scene)
      return before + (await cutAt(response(api.produce), 5)(scene))
    },
  },
  {
    name: 'transaction timeout exceeded',
    injects: 'a commit is held until the broker has aborted the transaction, then passed on',
    async inject(scene) {
      const commit = (frame: Frame): boolean => frame.kind === 'request' && isCommit(frame)
      await atFrame(scene, scene.explainers[0]!, commit, () => pause(transactionMs + 3000))
    },
  },
  {
    name: 'blackhole',
    injects: 'every byte between explainers and brokers is held for 30 s',
    long: true,
    instances: 2,
    inject: (scene) => blackhole(scene, 30_000),
  },
  {
    name: 'rolling rebalances',
    injects: 'an explainer is added or told to end every 2 s',
    long: true,
    async inject(scene) {
      let changes = 0
      for (; changes < 6; changes++) {
        if (scene.explainers.length < 2 || (scene.explainers.length < 3 && scene.random() < 0.5)) await scene.start()
        else expectClean(await scene.stop(anyOf(scene)), 'told to end')
        await scene.send(200)
        await pause(2000)
      }
      return changes
    },
  },
  {
    name: 'SIGTERM under load',
    injects: 'the only explainer is told to end in the middle of the stream: it drains and exits 0, another goes on',
    async inject(scene) {
      await scene.send(2000)
      await scene.committed(1)
      expectClean(await scene.stop(scene.explainers[0]!), 'told to end under load')
      await scene.start()
    },
  },
  {
    name: 'broker restarted hard',
    injects: 'kill -9 of the only broker, started again on the same data',
    async inject({ stage: { cluster } }) {
      const broker = cluster.nodes[0]!
      await broker.kill()
      await pause(1000)
      await broker.start()
    },
  },
  {
    name: 'broker killed at a commit',
    injects:
      'kill -9 of the only broker when it has answered a commit and the end of the transaction is yet to be written, started again; three times',
    long: true,
    async inject(scene) {
      const broker = scene.stage.cluster.nodes[0]!
      for (let k = 0; k < 3; k++)
        await atFrame(scene, undefined, isCommitted, async () => {
          await broker.kill()
          await pause(1000)
          await broker.start()
        })
      return 3
    },
  },
  {
    name: 'leader killed',
    injects: 'kill -9 of a broker of three (3 replicas, 2 in sync), started again after 10 s',
    long: true,
    brokers: 3,
    instances: 2,
    async inject({ stage: { cluster }, random, send }) {
      const broker = cluster.nodes[Math.floor(random() * cluster.nodes.length)]!
      await broker.kill()
      await send(1000)
      await pause(10_000)
      await broker.start()
    },
  },
  {
    name: 'poison records',
    injects: 'every tenth record is no Avro',
    quarantines: 50,
    async inject(scene) {
      await scene.send(500, { change: (value, k) => (k % 10 === 0 ? Buffer.from('{"not":"avro"}') : value) })
      return 50
    },
  },
  {
    name: 'unknown schema id',
    injects: 'every fiftieth record names a schema that nobody registered',
    quarantines: 10,
    long: true,
    async inject(scene) {
      await scene.send(500, { change: (value, k) => (k % 50 === 0 ? withSchema(value, 2_000_000_000) : value) })
      return 10
    },
  },
  {
    name: 'oversize output',
    injects: 'the explained topic takes 1,500 bytes: an explanation is cut, or set aside',
    quarantines: 'any',
    settings: { maxOutputBytes: 1500 },
    apart: true,
    async inject({ send }) {
      await send(500)
      return 500
    },
  },
  {
    name: 'registry down at boot',
    injects: 'the registry is away for the first 5 s',
    long: true,
    instances: 0,
    apart: true,
    async inject(scene) {
      scene.stage.registry.refuse(true)
      await scene.start()
      await pause(5000)
      scene.stage.registry.refuse(false)
    },
  },
  {
    name: 'registry down mid-run',
    injects: 'the registry is away for 5 s while records need it',
    quarantines: 4,
    async inject(scene) {
      scene.stage.registry.refuse(true)
      await scene.send(200, { change: (value, k) => (k % 50 === 0 ? withSchema(value, 1_900_000_000) : value) })
      await pause(5000)
      scene.stage.registry.refuse(false)
    },
  },
  {
    name: 'bundle replaced mid-stream',
    injects:
      'decisions of a new version come before its bundle, which then appears; the old version with other bytes comes too',
    settings: { holdSeconds: 60 },
    apart: true,
    async inject(scene) {
      await scene.send(300, { version: '2.0.0' })
      await addBundle(scene, 'rewritten', (text) => `${text}\n# other bytes\n`)
      await pause(1000)
      await addBundle(scene, 'next', (text) => text.replace('version: "1.0.0"', 'version: "2.0.0"'))
      await scene.send(300, { version: '2.0.0' })
      await scene.send(300)
    },
  },
  {
    name: 'artefact cache not writable',
    injects: 'the place of the fitted artefact refuses writes: decisions are explained by sampling alone',
    long: true,
    settings: { bundle: 'loan-neural-net' },
    instances: 0,
    apart: true,
    async inject(scene) {
      const place = join(scene.bundles, 'loan-neural-net', 'artefacts')
      await rm(place, { recursive: true, force: true }) // who has fitted the demo has one
      await writeFile(place, 'a file where a directory should be')
      await scene.start()
    },
  },
]

/** The explainer dies at such a frame, which is lost, or so many milliseconds after it; another is started at once. */
function killAt(matches: (frame: Frame) => boolean, { afterMs }: { readonly afterMs?: number } = {}) {
  return async (scene: Scene): Promise<void> => {
    const victim = scene.explainers[0]!
    let killed = Promise.resolve()
    await atFrame(scene, victim, matches, () => {
      const kill = (): Promise<void> => scene.kill(victim)
      killed = afterMs === undefined ? kill() : pause(afterMs * scene.random()).then(kill)
      return afterMs === undefined ? 'drop' : 'pass'
    })
    await killed
    await scene.start()
  }
}

function cutAt(matches: (frame: Frame) => boolean, times: number) {
  return async (scene: Scene): Promise<number> => {
    for (let k = 0; k < times; k++) {
      await atFrame(scene, undefined, matches, () => 'cut')
      await scene.send(100)
    }
    return times
  }
}

type Passage = 'pass' | 'drop' | 'cut'

/** Acts once, at one of the next such frames of an explainer (any, unless said); resolves when the act is over. */
async function atFrame(
  scene: Scene,
  explainer: ExplainerProcess | undefined,
  matches: (frame: Frame) => boolean,
  act: () => Passage | void | Promise<void>,
): Promise<void> {
  let toSkip = Math.floor(scene.random() * 4)
  const acted = Promise.withResolvers<void>()
  scene.hook = async (frame) => {
    const own = explainer === undefined ? frame.clientId.startsWith('explainer') : frame.clientId === explainer.name
    if (!own || !matches(frame) || toSkip-- > 0) return 'pass'
    scene.hook = undefined
    const passage = await act()
    acted.resolve()
    return passage ?? 'pass'
  }
  const load = new AbortController()
  const feeding = keepBusy(scene, load.signal)
  try {
    const late = pause(60_000, undefined, { ref: false }).then(() => {
      throw new Error(`the place of the fault was not reached within 60 s${scene.logs()}`)
    })
    await Promise.race([acted.promise, late, feeding.then(() => late)])
  } finally {
    scene.hook = undefined
    load.abort()
    await feeding
  }
}

/** Transactions go on for as long as there is something to explain. */
async function keepBusy({ send }: Scene, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await send(50)
    await pause(100)
  }
}

async function blackhole(scene: Scene, ms: number): Promise<void> {
  const over = pause(ms, 'pass' as const)
  scene.hook = () => over
  await scene.send(1000)
  await over
  scene.hook = undefined
}

const anyOf = ({ explainers, random }: Scene): ExplainerProcess => explainers[Math.floor(random() * explainers.length)]!

function expectClean(status: number | string, who: string): void {
  if (status !== 0) throw new Error(`an explainer ${who} ended with ${status}, not 0`)
}

function withSchema(value: Buffer, id: number): Buffer {
  const changed = Buffer.from(value)
  changed.writeInt32BE(id, 1)
  return changed
}

/** A changed copy of the bundle in service, which appears whole. */
async function addBundle({ bundles }: Scene, name: string, change: (text: string) => string): Promise<void> {
  const unfinished = `${bundles}-${name}`
  await cp(join(bundles, 'loan-xgboost'), unfinished, { recursive: true })
  const file = join(unfinished, 'bundle.yaml')
  await writeFile(file, change(await readFile(file, 'utf8')))
  await rm(join(bundles, name), { recursive: true, force: true })
  await rename(unfinished, join(bundles, name))
}
