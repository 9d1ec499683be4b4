import { z } from 'zod'
import type { MonitoredExplanation } from '@raison/events'
import { MonitoringError } from './monitoring-error.ts'

/** What may be missing is null or not there at all. */
const optional = <T extends z.ZodType>(shape: T) => shape.nullish().transform((value) => value ?? undefined)

const text = z.string()
const value = z.union([z.number(), z.string(), z.null()])
const shape: z.ZodType<MonitoredExplanation> = z.object({
  explanationId: text.default(''),
  decisionId: text.default(''),
  decidedAt: text.default(''),
  status: z.enum(['OK', 'REVIEW_REQUIRED', 'NOT_APPLICABLE']),
  adverse: z.enum(['high', 'low']),
  space: text,
  method: text,
  artefactSha256: optional(text),
  model: z.object({ name: text, version: text, sha256: text }),
  reference: z.object({ sha256: text }),
  budget: z.object({ rows: z.number() }),
  contributions: z
    .array(
      z.object({
        feature: text,
        value: z.union([value, z.record(text, value)]).optional(),
        contribution: z.number(),
        interval: optional(z.object({ low: z.number(), high: z.number() })),
      }),
      { error: 'is missing: explain with --contributions all' },
    )
    .min(1, 'is empty: explain with --contributions all')
    .refine(areDistinct, 'has two of one feature: give each a name of its own')
    .refine(haveFiniteSum, 'is larger in all than a number can be: leave this explanation out and check its model'),
  contributionsCut: z.boolean().default(false),
  quality: z.object({ surrogateFidelity: optional(z.number()), degraded: z.boolean().default(false) }),
})

function areDistinct(contributions: readonly { readonly feature: string }[]): boolean {
  return new Set(contributions.map(({ feature }) => feature)).size === contributions.length
}

/** What is watched of contributions are their shares of the sum of all. */
function haveFiniteSum(contributions: readonly { readonly contribution: number }[]): boolean {
  return contributions.reduce((sum, { contribution }) => sum + Math.abs(contribution), 0) < Infinity
}

/**
 * A line of `raison explain --contributions all`; undefined for one that says of a decision that it was REJECTED. Throws
 * EXPLANATION_INVALID.
 */
export function parseExplanation(line: string): MonitoredExplanation | undefined {
  const value = parseJson(line)
  if ((value as { status?: unknown } | null)?.status === 'REJECTED') return undefined
  const result = shape.safeParse(value)
  if (result.success) return result.data
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue]
  throw new MonitoringError('EXPLANATION_INVALID', `this is no explanation: ${path.join('.') || 'it'}: ${message}`)
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    // Its message quotes the line, and with it values of features.
    throw new MonitoringError('EXPLANATION_INVALID', 'this is not JSON: one explanation a line', { cause })
  }
}
