import type { DecisionExplanation, Interval } from './explanation.ts'

/** The parts of a decoded record that differ from the event: absence is null on the wire and undefined here. */
interface Wire {
  artefactSha256: string | null | undefined
  quality: { scoreParityGap: number | null | undefined; surrogateFidelity: number | null | undefined }
  contributions: { interval: Interval | null | undefined }[]
  reasons: { interval: Interval | null | undefined }[]
  /** Reserved: nothing writes them yet. */
  counterfactuals: unknown
}

/** Takes the decoded record over and changes it: a copy of every contribution would cost as much as decoding. */
export function explanationFromWire(wire: unknown): DecisionExplanation {
  const explanation = wire as Wire
  explanation.counterfactuals = undefined
  explanation.artefactSha256 ??= undefined
  explanation.quality.scoreParityGap ??= undefined
  explanation.quality.surrogateFidelity ??= undefined
  for (const contribution of explanation.contributions) contribution.interval ??= undefined
  for (const reason of explanation.reasons) reason.interval ??= undefined
  return explanation as unknown as DecisionExplanation
}
