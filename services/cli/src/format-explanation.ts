import { styleText } from 'node:util'
import type { DecisionExplanation, ExplanationReason } from '@raison/events'

export type Language = 'en' | 'fr'

const words = {
  en: {
    DECLINED: 'DECLINED',
    APPROVED: 'APPROVED',
    score: 'score',
    cutoff: 'cutoff',
    none: 'nothing counted against this application',
    review: 'a person must look',
  },
  fr: {
    DECLINED: 'REFUSÉ',
    APPROVED: 'ACCEPTÉ',
    score: 'score',
    cutoff: 'seuil',
    none: 'rien n’a pesé contre ce dossier',
    review: 'à revoir par une personne',
  },
} as const

const barWidth = 20

/** One decision and its reasons, for a person at a terminal. */
export function formatExplanation(explanation: DecisionExplanation, language: Language): string {
  return [
    headline(explanation, language),
    ...(explanation.reasons.length === 0
      ? [`   ${words[language].none}`]
      : explanation.reasons.map((reason) => reasonLine(reason, language))),
  ].join('\n')
}

function headline(
  { outcome, decisionId, score, cutoff, status, reviewReasons }: DecisionExplanation,
  language: Language,
): string {
  const { [language]: word } = words
  const known = outcome === 'DECLINED' || outcome === 'APPROVED'
  const verdict = styleText(outcome === 'DECLINED' ? 'red' : 'green', known ? word[outcome] : outcome)
  const review =
    status === 'REVIEW_REQUIRED' ? styleText('yellow', `  ${word.review}: ${reviewReasons.join(', ')}`) : ''
  return `${styleText('bold', decisionId)}  ${verdict}  ${word.score} ${number(score, language)} (${word.cutoff} ${number(cutoff, language)})${review}`
}

function reasonLine({ rank, code, share, texts }: ExplanationReason, language: Language): string {
  const bar = '█'.repeat(Math.max(1, Math.round(share * barWidth))).padEnd(barWidth)
  const percent = share.toLocaleString(language, { style: 'percent' }).padStart(5)
  return `   ${rank}. ${styleText('cyan', bar)} ${percent}  ${texts[language] ?? texts['en']} ${styleText('dim', code)}`
}

function number(value: number, language: Language): string {
  return value.toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}
