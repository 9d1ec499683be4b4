import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../../deploy/prometheus')
const promtool = process.env['RAISON_PROMTOOL'] ?? 'promtool'
const absent =
  spawnSync(promtool, ['--version']).status === 0
    ? undefined
    : 'no promtool: put it on the PATH or name it in RAISON_PROMTOOL; it comes with Prometheus, or by go install github.com/prometheus/prometheus/cmd/promtool@latest'
const filesOf = (kind: string): string[] => readdirSync(folder).filter((name) => name.endsWith(`.${kind}.yaml`))

describe('the alert rules', () => {
  test('are rules that Prometheus takes', (context) => {
    if (absent !== undefined) context.skip(absent)
    expectDone(['check', 'rules', ...filesOf('rules')])
  })

  test('alert when they should, are silent when they should, and recover', (context) => {
    if (absent !== undefined) context.skip(absent)
    expectDone(['test', 'rules', ...filesOf('test')])
  })

  test.each(filesOf('rules'))('of %s are all tested: that they alert, and that they do not', (file) => {
    const alerts = Array.from(textOf(file).matchAll(/- alert: (\w+)/g), ([, name]) => name!)
    const tests = textOf(file.replace('.rules.', '.test.')).split(/(?=eval_time:)/)
    const testsOf = (alert: string): string[] => tests.filter((one) => one.includes(`alertname: ${alert}`))
    const isSilent = (one: string): boolean => one.includes('exp_alerts: []')
    expect(alerts).not.toEqual([])
    for (const alert of alerts)
      expect([testsOf(alert).some(isSilent), testsOf(alert).some((one) => !isSilent(one))], alert).toEqual([true, true])
  })
})

function textOf(file: string): string {
  return readFileSync(join(folder, file), 'utf8')
}

function expectDone(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: 'utf8' })
  expect(status, `${stdout}${stderr}`).toBe(0)
}
