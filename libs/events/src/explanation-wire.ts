import type { DecisionExplanation } from './explanation.ts'

// Absence is undefined here and null on the wire; nothing else differs.

/** As schemas/decision-explanation.avsc has it. */
export function explanationToWire(explanation: DecisionExplanation): unknown {
  return {
    ...explanation,
    artefactSha256: explanation.artefactSha256 ?? null,
    contributions: explanation.contributions.map((contribution) => ({
      ...contribution,
      interval: contribution.interval ?? null,
    })),
    quality: {
      ...explanation.quality,
      scoreParityGap: explanation.quality.scoreParityGap ?? null,
      surrogateFidelity: explanation.quality.surrogateFidelity ?? null,
    },
    reasons: explanation.reasons.map((reason) => ({ ...reason, interval: reason.interval ?? null })),
    counterfactuals: [],
  }
}

export function explanationFromWire(wire: unknown): DecisionExplanation {
  const { counterfactuals: _, ...explanation } = wire as DecisionExplanation & { counterfactuals: unknown }
  const { quality, contributions, reasons } = explanation
  return {
    ...explanation,
    artefactSha256: explanation.artefactSha256 ?? undefined,
    contributions: contributions.map((contribution) => ({
      ...contribution,
      interval: contribution.interval ?? undefined,
    })),
    quality: {
      ...quality,
      scoreParityGap: quality.scoreParityGap ?? undefined,
      surrogateFidelity: quality.surrogateFidelity ?? undefined,
    },
    reasons: reasons.map((reason) => ({ ...reason, interval: reason.interval ?? undefined })),
  }
}
