import { open, readFile, stat } from 'node:fs/promises'
import { DriftError, readBaseline, statisticsOf, type Baseline, type BaselineRecord } from '@raison/drift'
import { z } from 'zod'

/** A baseline that `raison fit` has learned. */
export interface BaselineFile {
  readonly baselineKey: string
  readonly model: string
  readonly baseline: BaselineRecord
}

interface LearnedBaseline {
  readonly key: string
  readonly model: string
  readonly baseline: Baseline
}

/** Undefined for a file of lines. Throws BASELINE_INVALID. */
export async function readLearned(file: string): Promise<LearnedBaseline | undefined> {
  if (!(await beginsAsLearned(file))) return undefined
  const { baselineKey, model, baseline } = parseLearned(file, await readFile(file, 'utf8'))
  return { key: baselineKey, model, baseline: readBaseline(baseline) }
}

const numbers = z.array(z.number())
const landmarks = z.array(z.number().nullable())
const names = z.string()
const learnedShape: z.ZodType<BaselineFile> = z.object({
  baselineKey: names,
  model: names,
  baseline: z.object({
    features: z.array(names),
    adverse: z.enum(['high', 'low']),
    low: numbers,
    high: numbers,
    usual: landmarks,
    lowest: landmarks.optional(),
    highest: landmarks.optional(),
    resolution: z.number(),
    bounds: numbers,
    constant: numbers,
    reference: z.object({
      explanations: z.number(),
      statistics: z.array(
        z.object({
          feature: names,
          statistic: z.enum([...statisticsOf('high'), 'sketch']),
          low: z.number(),
          high: z.number(),
          binCount: z.number(),
          bins: numbers,
          counts: numbers,
        }),
      ),
    }),
  }),
})

function parseLearned(file: string, text: string): BaselineFile {
  try {
    return learnedShape.parse(JSON.parse(text))
  } catch (cause) {
    const [issue] = cause instanceof z.ZodError ? cause.issues : []
    const what = issue === undefined ? 'it is not whole' : `${issue.path.join('.')}: ${issue.message}`
    throw new DriftError('BASELINE_INVALID', `${file} is no baseline that raison fit has written: ${what}`)
  }
}

/** As it is written, or as a formatter has laid it out. */
const learnedBegins = /^\s*\{\s*"baseline(Key)?"\s*:/

/** A pipe can be read only once, and holds lines. */
async function beginsAsLearned(file: string): Promise<boolean> {
  if (!(await stat(file)).isFile()) return false
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 0)
    return learnedBegins.test(buffer.toString('latin1', 0, bytesRead))
  } finally {
    await handle.close()
  }
}
