import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'

const demo = new URL('../', import.meta.url)
const read = (file: string): string => readFileSync(new URL(file, demo), 'utf8')

/** Whose average a text tells, by the bundle's reference rows. */
const told: Readonly<Record<string, readonly string[]>> = {
  approved: ['{reference} on average for accepted applications.', '{reference} en moyenne pour les dossiers acceptés.'],
  'just-above-cutoff': [
    '{reference} on average for applications that were only just accepted.',
    '{reference} en moyenne pour les dossiers acceptés de justesse.',
  ],
}

test.for(readdirSync(new URL('bundles/', demo)))('%s: a customer is told whose average it is', (bundle) => {
  const [, population] = /population: (\S+)/.exec(read(`bundles/${bundle}/bundle.yaml`))!
  const reasons = read(`bundles/${bundle}/reasons.yaml`)
  expect(reasons.match(/\{reference\} .*/g)!.slice(1)).toEqual(told[population!])
})
