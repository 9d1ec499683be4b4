import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerProcess } from './peer-process.ts'
import type { SampledCase } from './sampled-golden.ts'
import { mean, quantile, relativeError, topAgreement, type SampledPoint } from './sampled-measures.ts'

export const peerMethods = [
  { verb: 'shapiq', method: 'shapiq KernelSHAP, paired' },
  { verb: 'shap', method: 'shap KernelExplainer' },
] as const

interface Explained {
  readonly values: readonly (readonly number[])[]
  readonly milliseconds: readonly number[]
  readonly scored: readonly number[]
}

/** Both peers on the case's rows at each number of coalitions, every one of them over the whole background. */
export async function measurePeers(
  peers: PeerProcess,
  directory: string,
  known: SampledCase,
  seeds: number,
  coalitionCounts: readonly number[],
): Promise<SampledPoint[]> {
  const [model, background, rows] = ['model.onnx', 'background.f32', 'rows.f32'].map((file) => join(directory, file))
  writeFileSync(model!, known.graph)
  writeFileSync(background!, known.reference.values)
  writeFileSync(rows!, known.rows.values)
  await askPeers(peers, { verb: 'open', model, background, rows, columns: known.rows.columns.length })
  const points: SampledPoint[] = []
  for (const { verb, method } of peerMethods)
    for (const coalitions of coalitionCounts) {
      console.error(`  ${method}, ${coalitions} coalitions`)
      const answers: Explained[] = []
      for (let seed = 0; seed < seeds; seed++)
        answers.push(await askPeers(peers, { verb: 'explain', method: verb, coalitions, seed }))
      points.push(toPoint(method, known, answers))
    }
  return points
}

interface Question {
  readonly verb: string
  readonly [argument: string]: unknown
}

/** Throws where Python could not answer. */
export async function askPeers<Answer>(peers: PeerProcess, question: Question): Promise<Answer> {
  const answer = await peers.ask<Answer & object>(question)
  if ('error' in answer) throw new Error(`${question.verb}: ${answer.error}`)
  return answer
}

function toPoint(method: string, { rows, truth }: SampledCase, answers: readonly Explained[]): SampledPoint {
  const n = truth.length / rows.rowCount
  const each = answers.flatMap(({ values }) =>
    values.map((contributions, k) => ({ contributions, phi: truth.subarray(k * n, (k + 1) * n) })),
  )
  return {
    method,
    rows: quantile(
      answers.flatMap(({ scored }) => scored),
      0.5,
    ),
    errors: each.map(({ contributions, phi }) => relativeError(contributions, phi)),
    topAgreement: mean(each.map(({ contributions, phi }) => topAgreement(contributions, phi))),
    milliseconds: quantile(
      answers.flatMap(({ milliseconds }) => milliseconds),
      0.5,
    ),
    coverage: undefined,
  }
}
